#include "contract/site_pictures.h"

namespace tidings::contract {

const std::string_view picture_style = R"(
.picture{--ink:#1d2730;--soft:#5b6975;--line:#8b99a5;--box:#ffffff;--edge:#c3ccd4;--accent:#0b6e99;
--undo:#a1521a;font-family:system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-size:13px}
@media (prefers-color-scheme:dark){.picture{--ink:#e4eaf0;--soft:#9aa8b5;--line:#6d7b88;
--box:#1e262e;--edge:#3b4752;--accent:#5db8e0;--undo:#e59a5f}}
@media print{.picture{--ink:#000;--soft:#444;--line:#666;--box:#fff;--edge:#999;--accent:#000;
--undo:#000}}
.picture text{fill:var(--ink)}
.picture .head{font-weight:600;font-size:14px}
.picture .small,.picture .cause{fill:var(--soft);font-size:12px}
.picture .cause{font-size:11.5px}
.picture .row{font-size:12.5px}
.picture a .row,.picture a .event{fill:var(--accent)}
.picture .event{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.picture rect{fill:var(--box);stroke:var(--edge);stroke-width:1.2}
.picture .undo rect{stroke:var(--undo);stroke-dasharray:5 3}
.picture rect.start,.picture rect.end{stroke:var(--accent);stroke-width:1.6}
.picture rect.failed{stroke:var(--undo)}
.picture .arrow{fill:none;stroke:var(--line);stroke-width:1.4}
.picture .back{stroke:var(--undo);stroke-dasharray:5 3}
.picture .tip{fill:context-stroke;stroke:none}
.picture a:hover text{text-decoration:underline}
.picture.chosen .arrow{opacity:.12}
.picture.chosen .arrow.lit{opacity:1;stroke:var(--accent);stroke-width:2.2}
)";

const std::string_view site_css = R"(:root{--ink:#1d2730;--soft:#5b6975;--page:#fbfcfd;--card:#fff;
--edge:#dde3e8;--accent:#0b6e99;--wash:#eef3f6;--code:#f3f6f8;--breaking:#b3261e;--minor:#8a6100;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--ink:#e4eaf0;--soft:#9aa8b5;--page:#12181d;--card:#1a2127;
--edge:#2f3a44;--accent:#5db8e0;--wash:#202a32;--code:#1a2229;--breaking:#ff8a80;--minor:#e6b85c}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);line-height:1.55;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;font-size:16px}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
a:focus-visible,input:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.frame{display:grid;grid-template-columns:17rem minmax(0,1fr);min-height:100vh}
nav{border-right:1px solid var(--edge);background:var(--card);padding:1.4rem 1.2rem;
position:sticky;top:0;height:100vh;overflow-y:auto;font-size:.9rem}
nav h2{font-size:.72rem;letter-spacing:.08em;text-transform:uppercase;color:var(--soft);
margin:1.4rem 0 .4rem}
nav ul{list-style:none;margin:0;padding:0}
nav li a{display:block;padding:.12rem .5rem;margin-left:-.5rem;border-radius:5px;
overflow-wrap:anywhere;color:var(--ink)}
nav li a:hover,nav a[aria-current]{background:var(--wash);text-decoration:none}
nav a[aria-current]{font-weight:600}
nav .title{font-weight:700;font-size:1.05rem;color:var(--ink)}
#search{width:100%;margin-top:.9rem;padding:.45rem .6rem;font:inherit;color:inherit;
background:var(--page);border:1px solid var(--edge);border-radius:6px}
#found{margin:.4rem 0 0}
#found small{display:block;color:var(--soft);font-size:.78rem;line-height:1.3}
main{padding:2.2rem clamp(1.2rem,4vw,3.5rem) 5rem;max-width:78rem}
h1{font-size:1.85rem;line-height:1.2;margin:.2rem 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.4rem 0 .7rem}
h3{font-size:1rem;margin:1.6rem 0 .5rem}
.lead{font-size:1.1rem;color:var(--soft);margin:0 0 1.4rem;max-width:46rem}
.kind{font-size:.75rem;letter-spacing:.08em;text-transform:uppercase;color:var(--soft)}
p{max-width:46rem}
code,pre,.name{font-family:var(--mono);font-size:.88em}
pre{background:var(--code);border:1px solid var(--edge);border-radius:8px;padding:.9rem 1.1rem;
overflow-x:auto;line-height:1.45}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.4rem;margin:1rem 0}
.facts dt{color:var(--soft)}
.facts dd{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th{text-align:left;font-size:.75rem;letter-spacing:.05em;text-transform:uppercase;color:var(--soft);
font-weight:600}
th,td{padding:.45rem .8rem .45rem 0;border-bottom:1px solid var(--edge);vertical-align:top}
td.field{white-space:nowrap}
.rule{display:block;color:var(--soft);font-size:.86rem;overflow-wrap:anywhere}
.badge{display:inline-block;font-size:.72rem;border:1px solid var(--edge);border-radius:99px;
padding:.02rem .5rem;color:var(--soft);white-space:nowrap}
.badge.breaking{color:var(--breaking);border-color:currentColor}
.badge.minor{color:var(--minor);border-color:currentColor}
.gone{text-decoration:line-through;color:var(--soft)}
.changes{padding-left:1.1rem}
.changes li{margin:.25rem 0}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:0 2.5rem}
.drawn{overflow-x:auto;margin:1rem 0;border:1px solid var(--edge);border-radius:10px;
background:var(--card);padding:1rem}
.drawn svg{max-width:100%;height:auto;min-width:46rem;display:block;margin:auto}
footer{margin-top:4rem;color:var(--soft);font-size:.85rem}
@media (max-width:52rem){.frame{display:block}nav{position:static;height:auto;border:0;
border-bottom:1px solid var(--edge)}nav .all{display:none}}
@media print{nav{display:none}.frame{display:block}main{padding:0;max-width:none}
body{background:#fff;font-size:11pt}pre{white-space:pre-wrap}h2,h3{break-after:avoid}
table,pre,svg{break-inside:avoid}}
)";

const std::string_view site_js = R"('use strict';
// Search over what search.js says, and arrows of the map that light up. All else works without.
(() => {
  const box = document.getElementById('search');
  const found = document.getElementById('found');
  const up = document.documentElement.dataset.up;
  const score = (entry, words) => {
    let sum = 0;
    for (const word of words) {
      const name = entry.name.toLowerCase();
      if (name === word) sum += 100;
      else if (name.startsWith(word) || name.includes('.' + word)) sum += 40;
      else if (name.includes(word)) sum += 20;
      else if (entry.text.toLowerCase().includes(word)) sum += 5;
      else return 0;
    }
    return sum;
  };
  const show = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    found.replaceChildren();
    if (words.length === 0) return;
    const best = searchIndex.map((entry) => [score(entry, words), entry])
      .filter(([points]) => points > 0).sort((a, b) => b[0] - a[0]).slice(0, 12);
    for (const [, entry] of best) {
      const item = document.createElement('li');
      const link = document.createElement('a');
      link.href = up + entry.page;
      link.textContent = entry.name;
      const more = document.createElement('small');
      more.textContent = entry.kind + ': ' + entry.short;
      link.append(more);
      item.append(link);
      found.append(item);
    }
    if (best.length === 0) found.textContent = 'nothing found';
  };
  box.addEventListener('input', show);
  box.addEventListener('keydown', (event) => {
    const first = found.querySelector('a');
    if (event.key === 'Enter' && first) location.href = first.href;
    if (event.key === 'Escape') { box.value = ''; show(); }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || document.activeElement === box) return;
    event.preventDefault();
    box.focus();
  });

  for (const map of document.querySelectorAll('svg.picture')) {
    const light = (isLit) => {
      map.classList.toggle('chosen', isLit !== null);
      for (const arrow of map.querySelectorAll('.arrow[data-event]')) {
        arrow.classList.toggle('lit', isLit !== null && isLit(arrow.dataset));
      }
    };
    map.addEventListener('pointerover', ({ target }) => {
      const event = target.closest('[data-event]')?.dataset.event;
      const service = target.closest('[data-service]')?.dataset.service;
      if (event) light((arrow) => arrow.event === event);
      else if (service) light((arrow) => arrow.from === service || arrow.to === service);
      else if (map.querySelector('[data-event]')) light(null);
    });
  }
})();
)";

}  // namespace tidings::contract
