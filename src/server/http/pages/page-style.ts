/** The style of all pages. Colours follow the system; on a narrow screen, times are below names. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --text: #1c2024; --soft: #5b6570; --line: #d9dee3; --page: #fff; --area: #f4f6f8; --link: #0b57d0; --bad: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ec; --soft: #9aa5b1; --line: #333b44; --page: #14181c; --area: #1d2329; --link: #8ab4f8; --bad: #f2b8b5 }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 3rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--page) }
a { color: var(--link); text-decoration: none }
a:hover, a:focus-visible { text-decoration: underline }
h1 { font-size: 1.25rem; margin: 0 0 1rem; overflow-wrap: anywhere; font-weight: 600 }
h1 i { color: var(--soft); font-style: normal; padding: 0 .15em }
p { margin: .75rem 0 }
table { width: 100%; border-collapse: collapse }
th, td { padding: .45rem .5rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top }
th { font-weight: 600; font-size: .875rem; white-space: nowrap }
td:first-child { overflow-wrap: anywhere }
td:nth-child(2), th:nth-child(2) { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
td:nth-child(3), th:nth-child(3) { white-space: nowrap; font-variant-numeric: tabular-nums; width: 11rem; text-align: right }
td:nth-child(2), td:nth-child(3), .soft { color: var(--soft) }
tr:hover td { background: var(--area) }
form { margin: 1.5rem 0 0; padding: .25rem 1rem; background: var(--area); border: 1px dashed var(--line); border-radius: .5rem }
form.over { border-color: var(--link) }
input[type=file] { max-width: 100%; font: inherit; margin-right: .5rem }
button { font: inherit; padding: .3rem .9rem; cursor: pointer }
label { display: inline-block; margin-right: 1rem }
ul { list-style: none; padding: 0; margin: .5rem 0 0 }
li { margin-top: .35rem; overflow-wrap: anywhere }
progress { width: 100%; display: block; height: .6rem }
.bad { color: var(--bad) }
@media (max-width: 40rem) {
  table, thead, tbody { display: block }
  thead tr { display: flex; justify-content: space-between; border-bottom: 1px solid var(--line) }
  thead th, thead th:nth-child(3) { width: auto; border: 0 }
  tbody tr { display: grid; grid-template-columns: 1fr auto; border-bottom: 1px solid var(--line) }
  tbody td { border: 0; padding-bottom: 0 }
  tbody td:first-child { grid-column: 1 / 3 }
  tbody td:nth-child(n + 2) { padding: .1rem .5rem .45rem; font-size: .875rem }
  tbody td:nth-child(2) { order: 2 }
  tbody td:nth-child(3) { width: auto; text-align: left }
}
`;
