"""How a page looks: one style sheet, inside the page."""

from __future__ import annotations

from tradepulse.pages.tokens import TOKENS

_TEXT = """
*,*::before,*::after{box-sizing:border-box}
html{font-size:16px;-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--canvas);color:var(--text);
font:var(--w-regular) var(--text-sm)/var(--lh-row) var(--font-ui);
font-variant-numeric:tabular-nums;-webkit-font-smoothing:antialiased}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}
ul,ol{list-style:none}
svg{display:block}
a{color:var(--accent);text-decoration:none}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
h1{font-size:1.25rem;font-weight:var(--w-strong);letter-spacing:-.014em;line-height:1.25;
overflow-wrap:anywhere}
h2{font-size:1rem;font-weight:var(--w-strong);letter-spacing:-.01em}
h3{font-size:var(--text-sm);font-weight:var(--w-strong)}
code,.mono{font-family:var(--font-mono);font-size:.92em}
.pos{color:var(--profit)}.neg{color:var(--loss)}
.t3{color:var(--text-3)}
"""

_FRAME = """
.brand{display:flex;align-items:center;gap:8px;height:44px;padding:0 var(--page-pad);
border-bottom:1px solid var(--border);font-weight:var(--w-strong);font-size:var(--text-md)}
.brand svg{width:20px;height:20px;color:var(--accent)}
main,footer{max-width:1280px;margin:0 auto;padding:16px var(--page-pad)}
footer{padding-bottom:32px;color:var(--text-3);font-size:var(--text-xs)}
footer p{max-width:96ch;margin-top:4px;line-height:var(--lh-prose)}
section{margin-top:28px;scroll-margin-top:12px}
section>h2{margin-bottom:10px}
.lead{color:var(--text-2);max-width:86ch;line-height:var(--lh-prose)}
section>.lead{margin:-4px 0 12px}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin-top:10px}
.chip{display:inline-flex;align-items:center;gap:6px;min-height:22px;padding:1px 8px;
border-radius:var(--r-1);background:var(--surface-2);border:1px solid var(--border);
font-size:var(--text-xs);color:var(--text-2)}
.toc{display:flex;flex-wrap:wrap;gap:4px 16px;margin-top:14px;font-size:var(--text-xs)}
.g{display:grid;gap:var(--gutter)}.g>*{min-width:0}.g+.g,.panel+.panel,.panel+.g,.g+.panel
{margin-top:var(--gutter)}
.g>*{margin-top:0!important}
.panel>.body>*+*{margin-top:10px}
.c2{grid-template-columns:repeat(2,minmax(0,1fr))}
.c3{grid-template-columns:repeat(3,minmax(0,1fr))}
.side{grid-template-columns:minmax(0,1fr) 400px;align-items:start}
.side .col{display:grid;gap:var(--gutter)}.side .col>*{min-width:0}
.panel{background:var(--surface);border:1px solid var(--border);border-radius:var(--r-3);
min-width:0}
.panel>.bar{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 12px;padding:10px 12px 0}
.panel>.bar .note{margin-left:auto;color:var(--text-3);font-size:var(--text-xs)}
.panel>.body{padding:10px 12px 12px}
.panel>.body>.chart:first-child,.panel>.body>.stack:first-child{margin-top:-2px}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;color:var(--text-2);font-size:var(--text-xs)}
.legend>span{display:inline-flex;align-items:center;gap:6px}
.remark{color:var(--text-3);line-height:var(--lh-prose);max-width:80ch}
.banner{display:flex;gap:10px;align-items:center;margin-top:14px;padding:10px 14px;
border:1px solid var(--warning);border-radius:var(--r-3);background:var(--warning-soft);
color:var(--text)}
.banner b{color:var(--warning);letter-spacing:.08em;font-weight:700}
"""

_PARTS = """
.summary{margin-top:14px}
.verdict{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:16px 24px;padding:16px;
align-items:center;margin-top:14px}
.verdict .big{display:flex;gap:14px;align-items:flex-start}
.verdict .stage-mark{width:28px;height:28px;flex:none;margin-top:1px}
.verdict h2{font-size:1.0625rem}
.verdict p{color:var(--text-2);margin-top:4px;line-height:1.5;max-width:66ch}
.nums{display:flex;flex-wrap:wrap;row-gap:12px}
.nums>div{padding:0 16px;border-left:1px solid var(--border);min-width:92px}
.nums>div:first-child{border-left:0;padding-left:0}
.verdict .nums>div:first-child{border-left:1px solid var(--border);padding-left:16px}
.nums b{display:block;font-size:1.25rem;font-weight:560;letter-spacing:-.02em;line-height:1.3}
.nums span{font-size:var(--text-xs);color:var(--text-3)}
.DISCOVERY{color:var(--stage-discovery)}.VALIDATION{color:var(--stage-validation)}
.MATURE{color:var(--stage-mature)}.WATCH{color:var(--stage-watch)}
.DECAYED{color:var(--stage-decayed)}.RETIRED{color:var(--stage-retired)}
.stage{display:inline-flex;align-items:center;gap:6px;font-size:var(--text-2xs);
font-weight:var(--w-strong);letter-spacing:.035em}
.stage .stage-mark{width:12px;height:12px}
.ic{width:16px;height:16px;fill:none;stroke:currentColor;stroke-width:1.5;
stroke-linecap:round;stroke-linejoin:round;flex:none}
.ev{margin:0 -12px -12px}
.ev li{display:grid;grid-template-columns:16px minmax(0,1fr) auto;gap:0 10px;
padding:8px 12px;border-top:1px solid var(--border);align-items:start}
.ev li>.ic{margin-top:1px}
.ev b{display:block;font-weight:var(--w-medium)}
.ev small{display:block;color:var(--text-3);font-size:var(--text-xs);line-height:1.4}
.ev .v{text-align:right}.ev .v b{font-weight:var(--w-strong);white-space:nowrap}
.ev .met>.ic{color:var(--profit)}.ev .not>.ic,.ev .not .v b{color:var(--loss)}
.ev .note>.ic,.ev .note .v b{color:var(--warning)}
.v-met,.v-not,.v-note{display:inline-flex;vertical-align:-3px;margin-right:6px}
.v-met{color:var(--profit)}.v-not{color:var(--loss)}.v-note{color:var(--warning)}
.ruled{color:var(--text-2);white-space:nowrap}
.again+.again{margin-top:18px}.again>h3{margin-bottom:8px}
.facts{display:grid;gap:5px}
.facts>div{display:flex;gap:12px;justify-content:space-between;align-items:baseline}
.facts dt{color:var(--text-2);flex:none}
.facts dd{text-align:right;font-weight:var(--w-medium);overflow-wrap:anywhere;min-width:0}
details{margin-top:10px}
summary{cursor:pointer;color:var(--accent);font-size:var(--text-xs)}
details>*+*{margin-top:8px}
pre{margin:0;padding:10px 12px;background:var(--inset);border:1px solid var(--border);
border-radius:var(--r-2);font:var(--text-xs)/1.6 var(--font-mono);white-space:pre-wrap;
overflow-wrap:anywhere}
"""

_TABLES = """
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse}
th{font-size:var(--text-xs);font-weight:var(--w-medium);color:var(--text-3);text-align:left;
padding:0 8px;height:26px;white-space:nowrap;border-bottom:1px solid var(--border);
vertical-align:bottom}
td{padding:5px 8px;border-bottom:1px solid var(--border);white-space:nowrap;vertical-align:top}
tr>:first-child{padding-left:0}tr>:last-child{padding-right:0}
tbody tr:last-child td{border-bottom:0}
th.r,td.r{text-align:right}
td small{display:block;color:var(--text-3);font-size:var(--text-xs);font-weight:var(--w-regular)}
.words td:nth-child(2){white-space:normal;min-width:26ch;color:var(--text-2)}
.stats th:nth-child(1){width:19%}.stats th:nth-child(3){width:16%}.stats th:nth-child(4){width:15%}
.stats td:nth-child(3){white-space:normal}
.words td:first-child{white-space:normal;font-weight:var(--w-medium);min-width:13ch}
.wrap td{white-space:normal}
.months td,.months th{padding:4px 6px;text-align:right}
.months td:first-child,.months th:first-child{text-align:left;padding-left:0}
.months .year{font-weight:var(--w-strong)}
tr.here td{background:var(--surface-2)}
"""

_CHARTS = """
.chart{margin:0}
.plot{position:relative;margin:8px 6px 20px 46px}
.plot>svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
.plot svg path,.plot svg rect{vector-effect:non-scaling-stroke}
.stack .chart:not(:last-child) .x{display:none}
.stack .chart:not(:last-child) .plot{margin-bottom:12px}
.grid{stroke:var(--grid);fill:none}.axis{stroke:var(--border-strong);fill:none}
.ln{fill:none;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}
.fill{stroke:none}
.s1.ln{stroke:var(--series-1)}.s2.ln{stroke:var(--series-2);stroke-dasharray:5 3}
.s4.ln{stroke:var(--series-4);stroke-dasharray:1.5 3}
.s5.ln{stroke:var(--series-5)}
.thin{stroke-width:1.1}
.loss.ln{stroke:var(--loss);stroke-width:1.1}.fill.loss{fill:var(--loss);fill-opacity:.2}
.s5.fill{fill:var(--series-5);fill-opacity:.14}
.bar5{fill:var(--series-5);fill-opacity:.75}
.barp{fill:var(--profit)}.barn{fill:var(--loss)}
.cell{fill:var(--series-1)}.cellneg{fill:var(--loss)}
.band{fill:var(--surface-3);fill-opacity:.6}
.hold{fill:var(--warning);fill-opacity:.08}
.vline{stroke:var(--text-2);fill:none;stroke-width:1.2}
.vline.hot{stroke:var(--series-2);stroke-width:2}
.vline.luck{stroke:var(--loss);stroke-width:1.6;stroke-dasharray:5 3}
.frame{fill:none;stroke:var(--series-2);stroke-width:1.6}
.dots{fill:none;stroke-width:7;stroke-linecap:round}
.dots.square{stroke-linecap:square;stroke-width:5}
.dots.in{stroke:var(--series-1)}.dots.won{stroke:var(--profit)}.dots.lost{stroke:var(--loss)}
.dots.dim{stroke-width:4}
.dash{stroke:var(--text-2);stroke-width:2;fill:none}
.plot .y,.plot .x,.flag,figcaption{font-size:var(--text-2xs);color:var(--text-3);line-height:1.2}
.plot .y{position:absolute;right:100%;margin-right:6px;transform:translateY(-50%);
white-space:nowrap}
.plot .x{position:absolute;top:100%;margin-top:5px;transform:translateX(-50%);white-space:nowrap}
.flag{position:absolute;padding:1px 6px;white-space:nowrap;background:var(--surface);
border-radius:var(--r-1);color:var(--text-2);font-weight:var(--w-medium)}
.flag.hot{color:var(--series-2)}.flag.luck{color:var(--loss)}
.mark{position:absolute;transform:translate(-50%,-50%);line-height:0}
.mark.chosen{width:13px;height:13px;border-radius:50%;background:var(--series-2);
border:2px solid var(--surface)}
.mark.best{color:var(--text);width:16px;height:16px;border-radius:50%;
background:color-mix(in srgb,var(--surface) 70%,transparent)}
.mark.minus{width:8px;height:2px;background:var(--surface);border-radius:1px}
figcaption{margin-top:4px;text-align:right}
.key{width:14px;height:0;border-top:2px solid currentColor;flex:none}
.key.s1{color:var(--series-1)}.key.s2{color:var(--series-2);border-top-style:dashed}
.key.s4{color:var(--series-4);border-top-style:dotted}
.key.s5{color:var(--series-5)}.key.neg,.key.luck{color:var(--loss);border-top-style:dashed}
.key.hold{height:10px;border:0;background:var(--warning);opacity:.3}
.key.hot{color:var(--series-2)}
.key.dot{width:8px;height:8px;border:0;border-radius:50%;background:var(--series-1)}
.key.chosen{width:9px;height:9px;border:0;border-radius:50%;background:var(--series-2)}
.key.won,.key.lost{width:7px;height:7px;border:0;background:var(--profit)}
.key.lost{background:var(--loss)}
.key.dash{color:var(--text-2)}
.key.ramp{width:64px;height:8px;border:0;border-radius:2px;
background:linear-gradient(90deg,var(--surface-3),var(--series-1))}
.key.x{width:11px;height:11px;border:0;background:linear-gradient(45deg,transparent 45%,
var(--text) 45% 55%,transparent 55%),linear-gradient(-45deg,transparent 45%,var(--text) 45% 55%,
transparent 55%)}
"""

_NARROW = """
@media (max-width:1080px){
.side>.evidence{order:-1}
.side{grid-template-columns:minmax(0,1fr)}
.verdict{grid-template-columns:minmax(0,1fr)}
.verdict .nums>div:first-child{border-left:0;padding-left:0}
.c3{grid-template-columns:repeat(2,minmax(0,1fr))}
}
@media (max-width:760px){
:root{--page-pad:12px}
.c2,.c3{grid-template-columns:minmax(0,1fr)}
.x.odd{display:none}
.nums{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));width:100%}
.nums>div,.verdict .nums>div:first-child{padding:0 8px 0 12px}
.nums>div:nth-child(odd){border-left:0;padding-left:0}
.verdict .nums>div:nth-child(odd){border-left:0;padding-left:0}
.plot{margin-left:44px;margin-right:2px}
.flag{white-space:normal;max-width:46%}
.words,.words tbody{display:block}.words thead{display:none}
.words tr{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:2px 12px;padding:7px 0;
border-bottom:1px solid var(--border)}
.words tbody tr:last-child{border-bottom:0}
.words td{border:0;padding:0!important;min-width:0!important}
.words td:nth-child(2){grid-row:2;grid-column:1/-1}
.words td:nth-child(4){grid-row:3;grid-column:1/-1}.words td:empty{display:none}
}
@media print{
@page{size:A4;margin:12mm}
html{font-size:14px}
body{background:#fff;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.toc,details:not([open]){display:none}
.panel,figure,tr{break-inside:avoid}
h2,h3{break-after:avoid}
main,footer{max-width:none;padding-inline:0}
.scroll{overflow:visible}
.side{grid-template-columns:minmax(0,1fr)}
}
"""

STYLE = "\n".join((TOKENS, _TEXT, _FRAME, _PARTS, _TABLES, _CHARTS, _NARROW))
