// What a page may put in the place of a browser's own before anything is asked: each breaks, and tells what it was handed.
window.told = [];
const replaced = function (name) {
  return function (given) {
    let said = "";
    try { said = `${(given && given.body) || given}`; } catch {}
    window.told[window.told.length] = `${name}: ${said}`;
    throw 0;
  };
};
const replace = function (where, of, names) {
  for (let i = 0; i < names.length; i++)
    Object.defineProperty(of, names[i], { value: replaced(`${where} ${typeof names[i] === "symbol" ? i : names[i]}`), configurable: true });
};
const guard = function (where, of, names) {
  for (let i = 0; i < names.length; i++)
    Object.defineProperty(of, names[i], { get: replaced(`${where} ${names[i]}`), set: replaced(`${where} ${names[i]}`), configurable: true });
};
const { prototype: anObject } = Object, { prototype: aRequest } = Response;
guard("Response", aRequest, ["status", "ok", "headers"]);
guard("Node", Node.prototype, ["textContent"]);
guard("input", HTMLInputElement.prototype, ["value"]);
replace("Response", aRequest, ["json", "text", "clone"]);
replace("Headers", Headers.prototype, ["get"]);
replace("Node", Node.prototype, ["appendChild", "insertBefore"]);
replace("Element", Element.prototype, ["append", "setAttribute", "getAttribute", "remove"]);
replace("EventTarget", EventTarget.prototype, ["addEventListener"]);
replace("Document", Document.prototype, ["createElement", "createElementNS", "createTextNode"]);
replace("Promise", Promise.prototype, ["then", "catch", "finally"]);
replace("RegExp", RegExp.prototype, ["exec", "test", Symbol.replace, Symbol.split, Symbol.match]);
replace("String", String.prototype, ["split", "replace", "trim", "slice", "indexOf", "startsWith", "charCodeAt", "match", Symbol.iterator]);
replace("Array", Array.prototype, ["map", "filter", "forEach", "push", "join", "slice", "splice", "some", "every", "find", "concat", "toJSON", Symbol.iterator]);
replace("Array", Array, ["isArray", "from"]);
replace("JSON", JSON, ["parse", "stringify"]);
replace("Object", anObject, ["toJSON"]);
anObject.credentials = "include";
anObject.body = "x";
replace("window", window, ["fetch", "setTimeout", "clearTimeout", "encodeURIComponent", "URL", "AbortController", "XMLHttpRequest", "Promise", "Text", "JSON"]);
replace("Object", Object, ["keys", "entries", "assign"]);
