// The page of a whole plan, made pleasant: it works without any of this.
(() => {
	"use strict";
	const reader = document.querySelector(".reader");
	if (!reader) return;
	const article = reader.querySelector(".plan-text"), sheet = reader.querySelector(".sheet");
	const form = reader.querySelector(".find"), box = form.querySelector("input[type=search]"), count = form.querySelector(".count");
	const outline = reader.querySelector(".outline");
	const said = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

	// -- search in the plan: the server says where, in lines and code points ----------------------------------

	const steps = [...form.querySelectorAll("[data-step]")], clear = form.querySelector(".clear");
	let lines = null, hits = [], total = 0, at = -1, asking = null, timer = 0;

	const line = (start) => {
		lines ??= new Map([...article.querySelectorAll("p[data-at]")].map((p) => [p.dataset.at, p]));
		return lines.get(`${start}`);
	};
	const unmark = () => {
		const parents = new Set();
		for (const mark of article.querySelectorAll("mark.found")) {
			parents.add(mark.parentNode);
			mark.replaceWith(...mark.childNodes);
		}
		for (const parent of parents) parent.normalize();
		hits = [];
		at = -1;
	};
	// UTF-16 units before the n-th code point of a text, and how many code points it has.
	const units = (text, n) => [...text].slice(0, n).join("").length;
	const points = (text) => [...text].length;
	// Wraps [from, to) of what a line shows, piece by piece where citations begin or end in it.
	const mark = (p, from, to) => {
		const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT), pieces = [];
		for (let start = 0, node; (node = walker.nextNode()) && start < to; ) {
			const { data } = node, end = start + points(data);
			if (end > from) pieces.push([node, units(data, Math.max(from - start, 0)), units(data, to - start)]);
			start = end;
		}
		return pieces.map(([node, a, b]) => {
			const made = document.createElement("mark"), rest = node.splitText(a);
			if (b - a < rest.length) rest.splitText(b - a);
			made.className = "found";
			rest.replaceWith(made);
			made.append(rest);
			return made;
		});
	};
	const tell = () => {
		const most = Number(form.dataset.most);
		count.textContent = !box.value.trim() ? "" : !total ? form.dataset.none : said(total > most ? form.dataset.many : form.dataset.at, { i: at + 1, n: total, most });
		for (const step of steps) step.disabled = !hits.length;
		clear.disabled = !box.value;
	};
	const go = (to, move = true) => {
		for (const one of hits[at] || []) one.classList.remove("now");
		at = hits.length ? (to + hits.length) % hits.length : -1;
		for (const one of hits[at] || []) one.classList.add("now");
		if (move && hits[at]) show(hits[at][0]);
		tell();
	};
	const bar = () => reader.querySelector(".sticky").getBoundingClientRect().bottom;
	const show = (element) => {
		const place = element.getBoundingClientRect(), room = innerHeight - bar() - 16;
		if (place.top >= bar() + 8 && place.bottom <= innerHeight - 8) return;
		element.scrollIntoView({ block: place.height < room ? "center" : "start" });
	};
	const remember = () => {
		const address = new URL(location.href);
		if (box.value.trim()) address.searchParams.set("find", box.value.trim());
		else address.searchParams.delete("find");
		history.replaceState(history.state, "", address);
	};
	const search = async () => {
		clearTimeout(timer);
		timer = 0;
		asking?.abort();
		const words = box.value.trim(), mine = (asking = new AbortController());
		if (!words) {
			unmark();
			total = 0;
			remember();
			return tell();
		}
		const query = new URLSearchParams({ q: words });
		for (const name of ["unit", "role"]) if (form.elements[name]) query.set(name, form.elements[name].value);
		try {
			const answer = await fetch(`${form.dataset.path}/find?${query}`, { signal: mine.signal });
			if (!answer.ok) throw new Error(answer.status);
			const found = await answer.json();
			if (mine.signal.aborted) return;
			unmark();
			total = found.count;
			hits = new Array(found.places.length);
			// From the end, so that what was not marked yet keeps its place in its line.
			for (let i = hits.length - 1; i >= 0; i--) {
				const [start, from, to] = found.places[i], p = line(start);
				hits[i] = p ? mark(p, from, to) : [];
			}
			hits = hits.filter((pieces) => pieces.length);
			const seen = hits.findIndex(([first]) => first.getBoundingClientRect().bottom > bar());
			remember();
			go(Math.max(seen, 0));
		} catch (error) {
			if (error.name !== "AbortError") count.textContent = form.dataset.failed;
		}
	};
	const soon = () => {
		clearTimeout(timer);
		timer = setTimeout(search, 120);
	};
	const empty = () => {
		box.value = "";
		search();
	};
	box.addEventListener("input", (event) => event.isComposing || soon());
	box.addEventListener("compositionend", soon);
	form.addEventListener("submit", (event) => event.preventDefault());
	box.addEventListener("keydown", (event) => {
		if (event.isComposing || event.keyCode === 229) return; // the keys belong to the input method
		if (event.key === "Enter") {
			event.preventDefault();
			if (timer) search();
			else if (hits.length) go(at + (event.shiftKey ? -1 : 1));
		} else if (event.key === "Escape") {
			event.preventDefault();
			if (box.value) empty();
			else box.blur();
		}
	});
	for (const step of steps) step.addEventListener("click", () => go(at + Number(step.dataset.step)));
	clear.addEventListener("click", () => {
		empty();
		box.focus();
	});
	if (box.value.trim()) {
		for (const one of article.querySelectorAll("mark.found")) (hits[one.dataset.hit - 1] ??= []).push(one);
		total = Number(form.dataset.found);
		go(0, !location.hash);
	}

	// -- outline ----------------------------------------------------------------------------------------------

	const open = (wanted) => {
		outline.classList.toggle("open", wanted);
		(wanted ? outline.querySelector("[aria-current]") || outline.querySelector("a") : reader.querySelector(".to-outline")).focus();
	};
	const places = [];
	if (outline) {
		for (const link of outline.querySelectorAll("li a")) {
			const block = document.getElementById(decodeURIComponent(link.hash.slice(1)));
			if (block) places.push({ link, block });
		}
		outline.addEventListener("click", (event) => {
			const button = event.target.closest(".fold"), link = event.target.closest("a");
			if (button) {
				const shut = button.getAttribute("aria-expanded") === "true", name = button.getAttribute("aria-label");
				const [from, to] = shut ? [outline.dataset.fold, outline.dataset.unfold] : [outline.dataset.unfold, outline.dataset.fold];
				button.setAttribute("aria-expanded", `${!shut}`);
				button.setAttribute("aria-label", to + name.slice(from.length));
			}
			if (!link) return;
			if (link.matches(".shut")) event.preventDefault();
			if (outline.classList.contains("open")) open(false);
		});
		reader.querySelector(".to-outline").addEventListener("click", (event) => {
			event.preventDefault();
			open(!outline.classList.contains("open"));
		});
		document.addEventListener("click", (event) => {
			if (outline.classList.contains("open") && !event.target.closest(".outline, .to-outline")) open(false);
		});
		let current = null, waiting = false;
		const follow = () => {
			waiting = false;
			let low = 0, high = places.length; // of the headings above the middle of the upper half, the last
			const edge = bar() + (innerHeight - bar()) / 4;
			while (low < high) {
				const middle = (low + high) >> 1;
				if (places[middle].block.getBoundingClientRect().top <= edge) low = middle + 1;
				else high = middle;
			}
			const link = places[Math.max(low - 1, 0)]?.link;
			if (link === current || !link) return;
			current?.removeAttribute("aria-current");
			(current = link).setAttribute("aria-current", "true");
			const seen = link.getBoundingClientRect(), frame = outline.getBoundingClientRect();
			if (seen.top < frame.top || seen.bottom > frame.bottom) outline.scrollTop += seen.top - frame.top - frame.height / 3;
		};
		const later = () => {
			if (!waiting) requestAnimationFrame(follow);
			waiting = true;
		};
		addEventListener("scroll", later, { passive: true });
		addEventListener("resize", later);
		later();
	}

	// -- only one body's clauses, printing --------------------------------------------------------------------

	reader.querySelector(".only")?.addEventListener("change", (event) => event.currentTarget.requestSubmit());
	reader.querySelector(".print").addEventListener("click", () => print());

	// -- copying a clause -------------------------------------------------------------------------------------

	const grip = document.createElement("div"), quote = document.createElement("button"), link = document.createElement("button");
	let held = null;
	grip.className = "grip";
	grip.hidden = true;
	grip.setAttribute("role", "group");
	for (const [button, words] of [[quote, sheet.dataset.copy], [link, sheet.dataset.link]]) {
		button.type = "button";
		button.dataset.words = button.textContent = words;
		button.setAttribute("aria-live", "polite");
		grip.append(button);
	}
	sheet.append(grip);
	const copying = async (button, text) => {
		try {
			const [{ copied }, words] = await Promise.all([import("./copying.js"), text]);
			button.textContent = (await copied(words, grip)) ? `${sheet.dataset.copied} ✓` : sheet.dataset.failed;
		} catch {
			button.textContent = sheet.dataset.failed;
		}
		button.focus();
	};
	const loose = (back) => {
		if (!held) return;
		const from = held;
		held.setAttribute("aria-expanded", "false");
		held = null;
		grip.hidden = true;
		if (back) from.focus();
	};
	const hold = (here) => {
		loose(false);
		held = here;
		here.setAttribute("aria-expanded", "true");
		for (const button of [quote, link]) button.textContent = button.dataset.words;
		grip.hidden = false;
		const place = here.getBoundingClientRect(), frame = sheet.getBoundingClientRect();
		grip.style.top = `${place.bottom - frame.top + 2}px`;
		grip.style.left = `${place.left - frame.left}px`;
		quote.focus();
	};
	article.addEventListener("click", (event) => {
		const here = event.target.closest(".here");
		if (!here || event.ctrlKey || event.metaKey || event.shiftKey) return;
		event.preventDefault();
		if (here === held) loose(true);
		else hold(here);
	});
	quote.addEventListener("click", () => {
		const range = new URL(held.href).searchParams;
		const query = new URLSearchParams({ start: range.get("start"), end: range.get("end") });
		copying(quote, fetch(`${form.dataset.path}/quote?${query}`).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status))));
	});
	link.addEventListener("click", () => copying(link, held.href));
	document.addEventListener("click", (event) => event.target.closest(".grip, .here") || loose(false));
	grip.addEventListener("focusout", (event) => event.relatedTarget && !grip.contains(event.relatedTarget) && loose(false));

	// -- keys and the marked quote ----------------------------------------------------------------------------

	document.addEventListener("keydown", (event) => {
		if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
		if (event.key === "Escape") {
			if (held) loose(true);
			else if (outline?.classList.contains("open")) open(false);
		} else if (event.key === "/" && !event.target.closest("input, select, textarea, [contenteditable]")) {
			event.preventDefault();
			box.focus();
			box.select();
		}
	});
	const cited = document.getElementById("cited");
	if (cited && (location.hash || cited.autofocus)) {
		addEventListener("load", () => {
			show(cited);
			// Whoever comes back finds the page where he left it: with an anchor in the address the mark takes no focus again.
			if (!location.hash) history.replaceState(history.state, "", `#${cited.id}`);
		});
	}
})();
