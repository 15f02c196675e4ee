"""The colours and sizes of the house, as CSS: dark first, light for who prefers it and on paper."""

from __future__ import annotations

SIZES = """
--font-ui:"Inter Variable","Inter",system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
--font-mono:"JetBrains Mono Variable","JetBrains Mono",ui-monospace,"SF Mono",Consolas,
"DejaVu Sans Mono",monospace;
--text-2xs:.6875rem;--text-xs:.75rem;--text-sm:.8125rem;--text-md:.875rem;
--lh-row:1.35;--lh-prose:1.55;--w-regular:420;--w-medium:520;--w-strong:620;
--r-1:3px;--r-2:5px;--r-3:8px;--row:32px;--gutter:12px;--page-pad:16px;
"""

DARK = """
--canvas:#0a0d11;--surface:#111519;--surface-2:#181c22;--surface-3:#21262c;--inset:#06090d;
--border:#252a30;--border-strong:#3c4249;--control:#6a717a;--grid:#1c2025;
--text:#eef0f3;--text-2:#b9bec6;--text-3:#969ca4;
--accent:#68b3f7;--focus:#76c7ff;--profit:#59ddbc;--loss:#f4824e;
--warning:#f0ca4e;--warning-soft:#362a0a;
--stage-discovery:#c0a1e4;--stage-validation:#82acf8;--stage-mature:#68dce0;
--stage-watch:#eed059;--stage-decayed:#cc8d75;--stage-retired:#878d94;
--series-1:#68b3f7;--series-2:#e9c260;--series-3:#bd92e4;--series-4:#60d3cd;--series-5:#939ca8;
"""

LIGHT = """
--canvas:#f3f5f7;--surface:#ffffff;--surface-2:#f6f8fa;--surface-3:#eaedf1;--inset:#eef0f3;
--border:#dde0e4;--border-strong:#c1c6cc;--control:#7e858e;--grid:#e7eaed;
--text:#181f27;--text-2:#414851;--text-3:#5c646e;
--accent:#1363ba;--focus:#0067c8;--profit:#026266;--loss:#bb430d;
--warning:#855e02;--warning-soft:#fbf2cc;
--stage-discovery:#7847a6;--stage-validation:#325dc1;--stage-mature:#036e77;
--stage-watch:#845f00;--stage-decayed:#904f38;--stage-retired:#61676e;
--series-1:#1363ba;--series-2:#a97416;--series-3:#8b50be;--series-4:#038586;--series-5:#6d7580;
"""

TOKENS = (
    f":root{{color-scheme:dark;{SIZES}{DARK}}}\n"
    f"@media (prefers-color-scheme:light),print{{:root{{color-scheme:light;{LIGHT}}}}}\n"
    "@media (prefers-contrast:more){:root{--border:var(--control);--text-2:var(--text);"
    "--text-3:var(--text)}}\n"
)
