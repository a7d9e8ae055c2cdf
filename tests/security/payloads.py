"""The classes of markup that load something or run something where a text is shown without being escaped.

Each names a listener on another port, so that what is loaded is seen there, and sets ``window.ran`` where it runs.
"""

from __future__ import annotations


def payloads(listener: str) -> dict[str, str]:
    """Class → text; ``listener`` is the origin that nothing may ask. Without a line end: each fits in a clause."""
    at = listener
    run = "window.ran=1"
    return {
        "script": f"<script>{run}</script><script src={at}/script></script>",
        "onerror": f"<img src={at}/onerror onerror={run}>",
        "svg": f"<svg onload={run}><script>{run}</script><use href={at}/svg#a></use></svg>",
        "svg-image": f"<svg><image href={at}/svg-image xlink:href={at}/svg-image2 width=9 height=9></image></svg>",
        "iframe": f"<iframe src={at}/iframe></iframe>",
        "srcdoc": f"<iframe srcdoc='<script>parent.ran=1</script><img src={at}/srcdoc>'></iframe>",
        "style": f"<style>@import url({at}/style); *{{background:url({at}/style2)}}</style>",
        "inline-style": f'<p style="background:url({at}/inline-style);position:fixed;inset:0">x</p>',
        "form": f"<form action={at}/form><input type=password name=p autofocus onfocus={run}><button>b</button></form>",
        "refresh": f'<meta http-equiv=refresh content="0;url={at}/refresh">',
        "link": f"<link rel=stylesheet href={at}/link><link rel=prefetch href={at}/link2>",
        "video": f"<video src={at}/video poster={at}/poster autoplay onerror={run}></video>",
        "audio": f"<audio src={at}/audio autoplay onerror={run}><source src={at}/source></audio>",
        "javascript": f"<a href=javascript:{run}>a</a> [b](javascript:{run}) [c]( JaVaScRiPt:{run}) <javascript:{run}>",
        "base": f"<base href={at}/base/ target=_blank>",
        "object": f"<object data={at}/object></object><embed src={at}/embed><applet code={at}/applet></applet>",
        "math": f"<math href=javascript:{run}><mi xlink:href={at}/math>m</mi><annotation-xml encoding=text/html>"
        f"<img src={at}/math2 onerror={run}></annotation-xml></math>",
        "ontoggle": f"<details open ontoggle={run}><summary>s</summary>d</details>",
        "katex": rf"$$\href{{javascript:{run}}}{{x}} \includegraphics{{{at}/katex}}$$ $\url{{javascript:{run}}}$",
        "mermaid": f'```mermaid graph TD; a["<img src={at}/mermaid onerror={run}>"]; click a "javascript:{run}"``` ',
        "fence": f"```html <img src={at}/fence onerror={run}>``` <code></code><img src={at}/fence2 onerror={run}>",
        "image": f"![image]({at}/image)",
        "image-reference": f"![image][far] [far]: {at}/image-reference",
        "image-title": f'![image](<{at}/image-title> "t" onerror={run}) ![]({at}/image-title2)',
    }
