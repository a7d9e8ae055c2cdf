/* Search and ask the plan assistant from any page of the office: docs/interfaces.md, "The widget".
   One file without dependencies. What plans and users wrote becomes text nodes, never markup. */
(() => {
	"use strict";
	const NAME = "plan-assistant", { customElements, document, location, navigator } = window;
	if (customElements && customElements.get(NAME)) return; // loaded twice: the first one serves
	const script = document.currentScript, given = script ? script.attributes : [];

	const WORDS = {
		zh: {
			app: "工作方案助手", open: "查方案、问责任单位", ask: "提问", close: "关闭", fresh: "新对话", whole: "打开完整助手 ↗",
			label: "查条款或提问", place: "某项工作由谁牵头？", more: "继续追问，或查别的条款", empty: "输入文字即查条款；按 Enter 提问，回答附原文依据。",
			keys: "↑↓,选条款,Enter,提问或打开,Esc,关闭", found: (n) => (n ? `查到 ${n} 条条款` : "没有查到条款，可按 Enter 提问"), list: "查到的条款",
			wait: "正在查找依据…", rows: "责任单位", sources: "依据原文", related: "相关条款（未作为回答依据）",
			item: "条款", see: "在方案全文中查看 ↗", scope: "沿用上文：", page: (n) => ` · 第${n}页`, fixed: "已更正", fixedWhy: "编辑人员核对更正；引文仍是原文",
			role: { lead: "牵头", support: "配合", responsible: "负责", implicit: "依通则", deadline: "时限" },
			state: { answered: "有据", unassigned: "原文未明确", not_found: "未找到", clarify: "请明确" }, said: (n) => `，${n} 条依据。`,
			401: "需要登录：请打开完整助手登录后，回到本页重试。", token: "本页没有取得查询许可，请刷新页面；仍不行请联系本页的管理员。", 403: "您没有查询这些方案的权限。",
			422: "这个问题无法受理，请缩短或换一种说法。", soon: "稍", in: (s) => ` ${s} 秒`, 429: "查询太频繁，请…后再试。", 503: "助手正忙或正在准备，请…后再试。",
			off: "网络已断开，请检查连接后重试。", reach: "从本页连不上助手，可打开完整助手提问。", slow: "等了太久没有应答，请稍后再试。", other: "暂时无法回答，请稍后再试。",
		},
		en: {
			app: "Plan assistant", open: "Search the plans", ask: "Ask", close: "Close", fresh: "New chat", whole: "Open the assistant ↗",
			label: "Search clauses or ask", place: "Who leads a certain task?", more: "Ask a follow-up, or search again", empty: "Type to search clauses; press Enter to ask. Every answer quotes its sources.",
			keys: "↑↓,choose,Enter,ask or open,Esc,close", found: (n) => (n ? `${n} clause${n > 1 ? "s" : ""} found` : "No clause found; press Enter to ask"), list: "Clauses found",
			wait: "Looking for sources…", rows: "Who is responsible", sources: "Sources", related: "Related clauses (not part of the answer)",
			item: "clause", see: "Open in the whole plan ↗", scope: "Taken over from above: ", page: (n) => ` · page ${n}`, fixed: "corrected", fixedWhy: "Corrected by an editor; the quote is the plan's own",
			role: { lead: "lead", support: "support", responsible: "responsible", implicit: "by rule", deadline: "deadline" },
			state: { answered: "grounded", unassigned: "not assigned in the plan", not_found: "not found", clarify: "please specify" }, said: (n) => `, ${n} source${n === 1 ? "" : "s"}. `,
			401: "Log in first: open the assistant, then try again here.", token: "This page has no permission to ask; reload it, or tell whoever runs it.", 403: "You may not read these plans.",
			422: "This question cannot be taken; put it differently.", soon: "soon", in: (s) => `in ${s} s`, 429: "Too many questions; try again ….", 503: "The assistant is busy or starting; try again ….",
			off: "You are offline; check the connection.", reach: "The assistant cannot be reached from this page; open it by the link.", slow: "No answer in time; try again later.", other: "No answer is possible now; try again later.",
		},
	};

	const CSS = `
:host{all:initial;display:inline-block}
*{box-sizing:border-box}
.w{--line:1px solid var(--rule);--ink:#1f2733;--quiet:#5b6472;--rule:#dde2e9;--paper:#fff;--ground:#eef3f9;--accent:#1d5fa8;--mark:#fdeeb5;--good:#1b6e43;--warn:#8a5a00;
 font:15px/1.65 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:var(--ink);color-scheme:light}
.dark{--ink:#e4e8ee;--quiet:#a7b0be;--rule:#333b48;--paper:#1a202b;--ground:#232d3d;--accent:#86b7f2;--mark:#5c4a12;--good:#74c99a;--warn:#e3b85c;color-scheme:dark}
button{font:inherit;color:inherit;background:none;border:var(--line);border-radius:9px;padding:5px 14px;cursor:pointer;white-space:nowrap}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
kbd{font:12px/1.5 ui-monospace,Consolas,monospace;border:1px solid;border-radius:5px;padding:0 5px;opacity:.8}
svg{width:18px;height:18px;flex:none;stroke:currentColor;fill:none;stroke-width:2;stroke-linecap:round}
.go{display:flex;align-items:center;gap:9px;background:var(--paper)}
.ask,.corner .go{background:var(--accent);color:var(--paper);border-color:transparent;font-weight:600}
.corner .go{position:fixed;right:20px;bottom:20px;z-index:2147483000;border-radius:99px;padding:9px 18px;box-shadow:0 4px 18px #0004}
dialog{color:inherit;background:var(--paper);border:var(--line);border-radius:14px;padding:0;width:760px;max-width:calc(100vw - 32px);max-height:84vh;margin:8vh auto auto;box-shadow:0 18px 60px #0006;overflow:hidden}
dialog[open]{display:flex;flex-direction:column}
dialog::backdrop{background:#0f16228c}
.bar,.foot{display:flex;align-items:center;gap:10px;padding:11px 14px;border-bottom:var(--line)}
.bar:focus-within{box-shadow:inset 0 -2px var(--accent)}
input{flex:1;min-width:0;font:inherit;font-size:17px;color:inherit;background:none;border:0;outline:0!important}
input::placeholder{color:var(--quiet);opacity:1}
.x{border:0;padding:5px 8px}
.main{overflow:auto;overscroll-behavior:contain;flex:auto;min-height:110px;overflow-wrap:anywhere}
.empty{text-align:center;padding:40px 24px;margin:0}
.list{padding:6px}
.list a{display:block;color:inherit;padding:8px 12px;border-radius:9px;text-decoration:none}
.list [aria-selected=true]{background:var(--ground);box-shadow:inset 3px 0 var(--accent)}
.top{display:flex;gap:14px;justify-content:space-between}
.top :last-child{flex:none}.top>*,.who{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.snip{display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden}
.log{padding:0 18px 12px}
article{padding:14px 0}article+article{border-top:var(--line)}
h3{font-size:16px;margin:0 0 8px}
.pill{border:1px solid;border-radius:99px;padding:1px 10px;font-size:13px;font-weight:600;margin-right:8px}
.empty,.top,th,summary,.path,.foot,.scope,.wait,.not_found,.fixed{color:var(--quiet)}
.top,.who,.scope,th,summary,.path,.open,.foot,.fixed{font-size:13px;font-weight:400}
.answered,.who{color:var(--good)}.unassigned,.clarify,.fault{color:var(--warn)}
p,ul{margin:8px 0}ul{padding-left:1.3em}
sup{line-height:0;font-size:12px;font-weight:600}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.5}
th,td{text-align:left;vertical-align:top;border-bottom:var(--line);padding:6px 10px 6px 0;min-width:4.6em}
details{margin-top:10px}summary{cursor:pointer}
.cite{border:var(--line);border-radius:10px;padding:10px 14px;margin-top:8px}
.cite p{margin:0}.from{font-weight:600;font-size:14px}b{color:var(--accent)}
blockquote{margin:6px 0;padding-left:11px;border-left:3px solid var(--rule);white-space:pre-wrap;font-size:14.5px}
mark{background:var(--mark);color:inherit}
.fixed{border:1px dashed;padding:0 3px}
.foot{border:0;border-top:var(--line);padding:8px 14px}.foot span{flex:1}i{font-style:normal}.foot button{padding:0 10px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
[hidden]{display:none!important}
@media (max-width:640px){dialog{width:100vw;max-width:none;height:100vh;height:100dvh;max-height:none;margin:0;border:0;border-radius:0}
 kbd,.foot i,.bar>svg{display:none}.bar{gap:6px}.log{padding:0 14px 12px}}
`;

	const whenReady = (todo) => (document.body ? todo() : document.addEventListener("DOMContentLoaded", todo, { once: true }));
	if (!customElements || !window.fetch || !window.AbortController || !window.HTMLDialogElement || !("adoptedStyleSheets" in document)) {
		// A browser without the parts that the widget is made of gets a way to the assistant itself.
		if (!script || !/^https?:/.test(script.src)) return;
		return whenReady(() => {
			const link = document.createElement("a");
			link.href = new URL(".", script.src).href;
			link.rel = "noopener";
			link.textContent = `${WORDS.zh.app} · ${WORDS.en.app}`;
			document.body.appendChild(link);
		});
	}

	/* The built-ins that questions, answers and tokens pass through, as they are now: what the page puts in their place
	   later neither breaks the widget nor is handed its words. Hence own loops below, and no array is spread or taken apart. */
	const uncurry = Function.prototype.bind.bind(Function.prototype.call);
	const methods = (of, names) => names.split(" ").map((name) => uncurry(of.prototype[name]));
	const prop = (of, name, kind) => uncurry(Object.getOwnPropertyDescriptor(of.prototype, name)[kind]);
	const [slice, indexOf, code, trim, split] = methods(String, "slice indexOf charCodeAt trim split");
	const [exec] = methods(RegExp, "exec"), [textOf] = methods(Response, "text"), [header] = methods(Headers, "get"), [join] = methods(Array, "join");
	const [append] = methods(Node, "appendChild"), [set, get] = methods(Element, "setAttribute getAttribute");
	const [on] = methods(EventTarget, "addEventListener"), Abort = AbortController, [abort] = methods(Abort, "abort");
	const signalOf = prop(Abort, "signal", "get"), statusOf = prop(Response, "status", "get"), headersOf = prop(Response, "headers", "get");
	const setText = prop(Node, "textContent", "set"), getText = prop(Node, "textContent", "get");
	const valueOf = prop(HTMLInputElement, "value", "get"), setValue = prop(HTMLInputElement, "value", "set");
	const fetch_ = window.fetch.bind(window), later = setTimeout.bind(window), forget = clearTimeout.bind(window);
	const { parse, stringify } = JSON, { isArray } = Array, { keys } = Object, encode = encodeURIComponent;
	const create = document.createElement.bind(document), createNS = document.createElementNS.bind(document), Words = Text, URL_ = URL;
	const dark = matchMedia("(prefers-color-scheme: dark)"), sheet = new CSSStyleSheet();
	sheet.replaceSync(CSS);

	const LONGEST = 2000, TURNS = 20, HITS = 8, PAUSE = 180, PATIENCE = 30000;
	const each = (list, todo) => {
		for (let i = 0; i < (list ? list.length : 0); i++) todo(list[i], i);
	};
	/* Without control characters and marks of direction, which could only mislead a reader. */
	const HIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu; // of a surrogate pair, one half alone
	const shown = (value) => {
		let text = `${value}`, out = "", at = 0, match;
		for (HIDDEN.lastIndex = 0; (match = exec(HIDDEN, text)); at = HIDDEN.lastIndex) out += slice(text, at, match.index);
		return out + slice(text, at);
	};
	const add = (parent, kids) => {
		if (isArray(kids)) each(kids, (kid) => add(parent, kid));
		else if (kids && kids.nodeType) append(parent, kids);
		else if (kids != null && kids !== "") append(parent, new Words(shown(kids)));
		return parent;
	};
	const dress = (made, attrs) => {
		each(attrs ? keys(attrs) : [], (name) => set(made, name, `${attrs[name]}`));
		return made;
	};
	/* el("div.list", children, attributes); strings become text. */
	const el = (tag, kids, attrs) => {
		const dot = indexOf(tag, "."), made = create(dot < 0 ? tag : slice(tag, 0, dot));
		if (dot > 0) set(made, "class", slice(tag, dot + 1));
		return add(dress(made, attrs), kids);
	};
	const icon = () => {
		const part = (name, attrs) => dress(createNS("http://www.w3.org/2000/svg", name), attrs);
		return add(part("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }), part("path", { d: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M15.5 15.5 20 20" }));
	};
	/* Where the n-th code point begins: the API counts those, strings count UTF-16 units. */
	const place = (text, n) => {
		let i = 0;
		for (; n > 0 && i < text.length; n--) i += code(text, i) >> 10 === 54 && code(text, i + 1) >> 10 === 55 ? 2 : 1;
		return i;
	};
	const request = (url, credentials, more) => fetch_(url, { __proto__: null, credentials, cache: "no-store", redirect: "error", referrerPolicy: "no-referrer", ...more });
	const safe = (text) => encode(shown(text));
	/* An address that is fetched or opened over HTTP, else null: javascript: and data: are none. */
	const web = (address, base) => {
		try {
			const url = new URL_(address, base);
			return exec(/^https?:$/, url.protocol) && !url.username && !url.password ? url : null;
		} catch {
			return null;
		}
	};

	/* Markdown of an answer: [n], **bold**, escapes, lists and tables; everything else is shown as it stands. */
	const inline = (parent, text, mark) => {
		const token = /\\([!-/:-@[-`{-~])|\*\*|\[(\d{1,4})\]/g;
		let at = 0, inner = parent, match;
		while ((match = exec(token, text))) {
			const bold = match[0] === "**", made = match[2] ? mark(+match[2]) : match[1];
			if (bold ? inner === parent && indexOf(text, "**", token.lastIndex) < 0 : !made) continue;
			add(inner, slice(text, at, match.index));
			if (bold) inner = inner === parent ? append(parent, el("strong")) : parent;
			else add(inner, made);
			at = token.lastIndex;
		}
		add(inner, slice(text, at));
		return parent;
	};
	const cells = (line) => {
		const out = [""];
		for (let i = 1; i < line.length; i++)
			if (line[i] === "|") i + 1 < line.length && (out[out.length] = "");
			else out[out.length - 1] += line[i] === "\\" && i + 1 < line.length ? line[i] + line[++i] : line[i];
		return out;
	};
	const written = (text, mark) => {
		const box = el("div");
		let block, last;
		each(split(shown(text), "\n"), (line) => {
			const bare = trim(line), kind = !bare ? "" : bare[0] === "|" ? "table" : exec(/^[-*] /, line) ? "ul" : "p";
			const more = kind === last;
			if (kind && !more) append(box, kind === "table" ? el("div.scroll", (block = el(kind))) : (block = el(kind)));
			last = kind;
			if (kind === "ul") append(block, inline(el("li"), slice(line, 2), mark));
			else if (kind === "p") inline(add(block, more ? el("br") : null), line, mark);
			else if (kind && !exec(/^[\s|:-]+$/, bare)) {
				const row = append(block, el("tr"));
				each(cells(bare), (cell) => append(row, inline(el(more ? "td" : "th"), trim(cell), mark)));
			}
		});
		return box;
	};

	/* What the page may set: PlanAssistant.token = async () => "…"; and call: PlanAssistant.open("a question"). */
	const api = window.PlanAssistant || (window.PlanAssistant = {});

	/* Draws into the shadow root of an element, and serves it. */
	const serve = (host, server, root) => {
		const said = exec(/\b(zh|en)/i, `${get(host, "data-lang")} ${document.documentElement.lang} ${navigator.language} zh`)[1];
		const english = exec(/e/i, said), w = english ? WORDS.en : WORDS.zh, own = indexOf(server, `${location.origin}/`) === 0;
		const launcher = get(host, "data-launcher") || "inline", theme = get(host, "data-theme");
		let hits = [], active = -1, turns, number = 0, pause, searching, busy, back, token;

		const wanted = () => trim(shown(valueOf(input)));
		const link = (address, words) => el("a", words, { href: address, target: "_blank", rel: "noopener" });
		const home = (question) => `${server}?${english ? "lang=en&" : ""}${question ? `q=${safe(slice(question, 0, 300))}` : ""}`;
		/* The plan's page, at the quoted characters, which it marks. */
		const spot = (at) => `${server}plans/${safe(at.plan)}?start=${at.start >>> 0}&end=${at.end >>> 0}${english ? "&lang=en" : ""}#cited`;

		const go = el("button.go", [icon(), get(host, "data-label") || w.open, el("kbd", /Mac/.test(navigator.platform) ? "⌘K" : "Ctrl K")], { "aria-haspopup": "dialog", "aria-keyshortcuts": "Control+K Meta+K /" });
		const input = el("input", null, { role: "combobox", "aria-label": w.label, "aria-controls": "list", "aria-autocomplete": "list",
			autocomplete: "off", spellcheck: "false", enterkeyhint: "send", maxlength: LONGEST });
		const ask = el("button.ask", w.ask), fresh = el("button", w.fresh);
		const close = el("button.x", "✕", { "aria-label": w.close });
		const list = el("div.list", null, { id: "list", role: "listbox", "aria-label": w.list });
		const log = el("div.log"), empty = el("p");
		const main = el("div.main", [list, log, empty]), status = el("div.sr", null, { role: "status" }), hint = el("span", null, { "aria-hidden": "true" });
		each(split(w.keys, ","), (word, i) => add(hint, i % 2 ? el("i", ` ${word}\u2003`) : el("kbd", word)));
		const dialog = el("dialog", [el("div.bar", [icon(), input, ask, close]), main, el("div.foot", [hint, fresh, link(home(), w.whole)]), status], { "aria-label": w.app });
		const box = el("div", [launcher === "none" ? null : go, dialog], { lang: english ? "en" : "zh-CN" });
		const paint = () => set(box, "class", `w ${launcher === "corner" ? "corner" : ""} ${theme === "dark" || (theme !== "light" && dark.matches) ? "dark" : ""}`);
		paint();
		on(dark, "change", paint);
		append(root, box);

		/* One of three: what was found for what is typed; the conversation; a sentence. */
		const show = (sentence, failed) => {
			const seen = sentence ? empty : hits.length ? list : log.firstChild ? log : empty;
			each([list, log, empty], (pane) => (pane.hidden = pane !== seen));
			setText(empty, sentence || w.empty);
			empty.className = failed ? "empty fault" : "empty";
			set(input, "aria-expanded", seen === list ? "true" : "false");
		};
		const choose = (i) => {
			const options = list.children;
			if (options[active]) set(options[active], "aria-selected", "false");
			active = i;
			set(input, "aria-activedescendant", i < 0 ? "" : `o${i}`);
			if (i < 0) return;
			set(options[i], "aria-selected", "true");
			options[i].scrollIntoView({ block: "nearest" });
		};
		const option = (hit, i) => {
			const who = [];
			each(keys(w.role), (role) => {
				const held = hit.assignment && cell(hit.assignment, role);
				if (held) who[who.length] = `${w.role[role]} ${held}`;
			});
			const is = { id: `o${i}`, role: "option", "aria-selected": "false", tabindex: "-1", lang: "zh" };
			const made = dress(link(spot(hit), [el("div.top", [el("span", hit.source || hit.plan), el("span", hit.clause)]), el("div.snip", hit.quote), el("div.who", join(who, " · "))]), is);
			on(made, "mousemove", () => active === i || choose(i));
			return made;
		};
		const found = (now, sentence, failed) => {
			choose(-1);
			hits = now;
			setText(list, "");
			each(hits, (hit, i) => append(list, option(hit, i)));
			setText(status, sentence);
			show(hits.length ? "" : sentence, failed);
			main.scrollTop = 0;
		};
		const halt = () => {
			forget(pause);
			if (searching) abort(searching);
			searching = 0;
		};
		const plans = (before, wrap, between) => {
			const ids = [];
			each(split(get(host, "data-plans") || "", " "), (id) => id && (ids[ids.length] = before + wrap(id)));
			return join(ids, between);
		};

		/* How this page may ask: nothing beside the cookie on the server's own origin; elsewhere a token, in memory only. */
		const credential = async (again, signal) => {
			const from = get(host, "data-token-url"), callback = typeof api.token === "function";
			if (!callback && !from) return get(host, "data-token") || "";
			if (token && !again) return token;
			try {
				let made = callback && (await api.token());
				if (!callback) {
					const url = web(from, document.baseURI);
					const answer = url.origin === location.origin && (await request(url.href, "same-origin", { signal }));
					made = statusOf(answer) === 200 && trim(await textOf(answer));
					if (made[0] === "{") made = parse(made).token;
				}
				return (token = exec(/^[!-~]{1,8192}$/, made)[0]);
			} catch {
				throw { say: w.token }; // no address or one of another origin, no answer, or no token in it
			}
		};
		/* The JSON of a route; throws { say: a sentence }. */
		const call = async (path, body, stop) => {
			const signal = signalOf(stop);
			let late, got;
			const timer = later(() => abort(stop, (late = true)), PATIENCE);
			try {
				for (let again = false; ; again = true) {
					const pass = await credential(again, signal), headers = { __proto__: null };
					if (pass) headers.Authorization = `Bearer ${pass}`;
					if (body) headers["Content-Type"] = "application/json";
					const answer = await request(server + path, own ? "same-origin" : "omit", { method: body ? "POST" : "GET", body, headers, signal });
					got = statusOf(answer);
					if (got === 200) return parse(await textOf(answer));
					if (got === 401 && token && !again) continue;
					const said = split((got === 401 && !own ? w.token : w[got]) || w.other, "…");
					const wait = exec(/^\d{1,5}$/, header(headersOf(answer), "retry-after") || "");
					throw { say: join(said, wait ? w.in(wait[0]) : w.soon) };
				}
			} catch (error) {
				throw error.say ? error : { say: late ? w.slow : got ? w.other : navigator.onLine ? w.reach : w.off };
			} finally {
				forget(timer);
			}
		};

		const search = async (text) => {
			const mine = (searching = new Abort()), limit = plans("&plan=", safe, "");
			try {
				const { hits: now } = await call(`api/v1/search?q=${safe(text)}&k=${HITS}&semantic=false${limit}`, undefined, mine);
				if (searching === mine) found(now, w.found(now.length));
			} catch (error) {
				if (searching === mine) found([], error.say || w.other, true); // else a newer search took its place
			}
		};
		const typed = () => {
			const text = wanted();
			halt();
			choose(-1); // Enter asks what is typed
			if (place(text, 2) === place(text, 1)) found([], "");
			else pause = later(() => search(text), PAUSE);
		};

		const source = (cite) => {
			const text = `${cite.quote}`, quote = el("blockquote", null, { lang: "zh" });
			let at = 0;
			each(cite.marks, (mark) => {
				const from = place(text, mark[0] - cite.start), to = place(text, mark[1] - cite.start);
				if (to <= at) return;
				add(quote, [slice(text, at, from > at ? from : at), el("mark", slice(text, from > at ? from : at, to))]);
				at = to;
			});
			const path = `${cite.path ? `${cite.path} › ` : ""}${cite.clause}${cite.page == null ? "" : w.page(cite.page)}`;
			return el("div.cite", [el("p.from", [el("b", `[${cite.n}] `), el("span", cite.source || cite.plan, { lang: "zh" })]), el("p.path", path, { lang: "zh" }),
				add(quote, slice(text, at)), el("p.open", link(spot(cite), w.see))]);
		};
		const cell = (row, name) => (name === "deadline" ? join([row.deadline, row.deadline_implicit], row.deadline && row.deadline_implicit ? "；" : "") : join(row[name] || [], "、"));
		/* One line an assignment; what no assignment has gets no column. */
		const table = (rows, mark) => {
			const used = [], head = el("tr", el("th", w.item, { scope: "col" })), body = el("tbody");
			each(keys(w.role), (name) => {
				let any = "";
				each(rows, (row) => (any += cell(row, name)));
				if (any) append(head, el("th", w.role[(used[used.length] = name)], { scope: "col" }));
			});
			each(rows, (row) => {
				const line = el("tr", el("td", [row.title || row.clause, mark(row.citation), row.corrected ? el("span.fixed", w.fixed, { title: w.fixedWhy }) : null]), { lang: "zh" });
				each(used, (name) => append(line, el("td", cell(row, name))));
				append(body, line);
			});
			return el("div.scroll", el("table", [el("thead", head), body], { "aria-label": w.rows }));
		};
		const fold = (words, n, most, content) => n && el("details", [el("summary", `${words} (${n})`), content], n > most ? null : { open: "" });
		const answered = (turn, answer) => {
			const cited = answer.citations || [], related = answer.related || [], rows = answer.assignments || [], sources = el("div"), near = el("div");
			const mark = (n) => {
				let made = null;
				each(cited, (cite) => {
					if (cite.n === n) made = el("sup", link(spot(cite), `[${n}]`));
				});
				if (made) set(made.firstChild, "aria-label", `${w.sources} ${n}`);
				return made;
			};
			const state = w.state[answer.status] || answer.status, text = written(answer.text, mark);
			each(cited, (cite) => append(sources, source(cite)));
			each(related, (cite) => append(near, source(cite)));
			add(turn, [el("div", [el(`span.pill ${answer.status}`, state), el("span.scope", answer.scope && answer.scope.length ? w.scope + join(answer.scope, "，") : "")]), text,
				fold(w.rows, rows.length, 6, table(rows, mark)) || null, fold(w.sources, cited.length, 3, sources) || null, fold(w.related, related.length, 0, near) || null]);
			setText(status, state + w.said(cited.length) + getText(text));
		};
		const submit = async () => {
			const question = wanted();
			if (!question || busy) return;
			const mine = ++number, body = el("p.wait", w.wait), turn = el("article", [el("h3", question), body]), sent = [];
			halt();
			busy = true;
			setValue(input, "");
			input.placeholder = w.more;
			fresh.hidden = false;
			append(log, turn);
			found([], "");
			setText(status, w.wait);
			turn.scrollIntoView();
			input.focus();
			try {
				// Piece by piece: stringify would ask a toJSON that the page gave to arrays.
				each(turns, (one, i) => i + TURNS > turns.length && (sent[sent.length] = stringify(one)));
				sent[sent.length] = stringify(question);
				const limit = plans("", stringify, ","), answer = await call("api/v1/ask", `{"turns":[${join(sent, ",")}]${limit && `,"plans":[${limit}]`}}`, new Abort());
				if (mine !== number) return;
				turns[turns.length] = question;
				turn.removeChild(body);
				answered(turn, answer);
			} catch (error) {
				if (mine !== number) return;
				const said = error.say || w.other;
				body.className = "fault";
				setText(body, said);
				setText(status, said);
				append(turn, link(home(question), w.whole));
				if (!wanted()) setValue(input, question); // nothing typed is lost
			}
			busy = false;
			turn.scrollIntoView();
		};
		const restart = () => {
			number++; // an answer on its way belongs to the conversation that was
			turns = [];
			busy = false;
			setText(log, "");
			fresh.hidden = true;
			input.placeholder = w.place;
			found([], "");
		};
		restart();

		const trap = (event) => {
			const stops = [], now = root.activeElement;
			each(dialog.querySelectorAll("input,button,summary,a:not([role])"), (one) => one.getClientRects().length && (stops[stops.length] = one));
			const end = event.shiftKey ? 0 : stops.length - 1;
			if (now !== stops[end]) return;
			stops[stops.length - 1 - end].focus();
			event.preventDefault();
		};
		const key = (event) => {
			const pressed = event.key, n = hits.length;
			if (event.isComposing || event.keyCode === 229) return; // the keys belong to the input method
			if (pressed === "Tab") return trap(event);
			if ((event.ctrlKey || event.metaKey) && exec(/^k$/i, pressed)) input.focus();
			else if (root.activeElement !== input) return;
			else if (exec(/^Arrow(Up|Down)$/, pressed) && n) choose(((active + (pressed === "ArrowDown" ? 2 : n + 1)) % (n + 1)) - 1);
			else if (pressed !== "Enter") return;
			else if (active < 0) submit();
			else list.children[active].click();
			event.preventDefault();
		};
		on(go, "click", () => host.open());
		on(ask, "click", submit);
		on(close, "click", (host.close = () => dialog.close()));
		on(fresh, "click", () => {
			restart();
			input.focus();
		});
		on(input, "input", (event) => event.isComposing || typed());
		on(input, "compositionend", typed);
		on(dialog, "keydown", key);
		on(dialog, "click", (event) => event.target === dialog && dialog.close());
		on(dialog, "close", () => {
			halt();
			if (back && back.isConnected) back.focus();
		});
		// Keys in here are no business of the page's own shortcuts.
		each(["keydown", "keyup", "keypress", "input", "paste"], (kind) => on(dialog, kind, (event) => event.stopPropagation()));
		host.open = (question) => {
			if (!dialog.open) {
				back = document.activeElement;
				dialog.showModal();
			}
			input.focus();
			if (!question) return;
			setValue(input, slice(`${question}`, 0, LONGEST));
			submit();
		};
	};

	customElements.define(NAME, class extends HTMLElement {
		connectedCallback() {
			const named = get(this, "data-server"), from = named ? web(`${exec(/^(.*?)\/*$/, named)[1]}/`, document.baseURI) : script && web(script.src);
			if (this.open) return;
			if (!from) return console.warn(`${NAME}: data-server is no http(s) address`);
			const root = this.attachShadow({ mode: "closed" });
			root.adoptedStyleSheets = [sheet];
			serve(this, new URL_(".", from).href, root);
		}
	});

	const first = () => document.querySelector(NAME);
	api.open = (question) => first()?.open(question);
	api.close = () => first()?.close();
	on(document, "keydown", (event) => {
		const command = (event.ctrlKey || event.metaKey) && !event.shiftKey && exec(/^k$/i, event.key), at = event.composedPath()[0];
		if (event.defaultPrevented || event.isComposing || event.altKey || event.repeat || !first()?.open) return;
		if (!command && (event.key !== "/" || event.ctrlKey || event.metaKey)) return;
		if (at && (at.isContentEditable || exec(/^(INPUT|TEXTAREA|SELECT)$/, at.tagName))) return;
		event.preventDefault();
		first().open();
	});
	whenReady(() => {
		if (!script || first()) return; // the page has put one where it wants it
		const made = create(NAME);
		set(made, "data-launcher", "corner");
		each(given, ({ name, value }) => exec(/^data-/, name) && set(made, name, value));
		append(document.body, made);
	});
})();
