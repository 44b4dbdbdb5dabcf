"""What a phone fetches at a first visit to a poll, and what Lighthouse says of that page."""

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

from bench.figures import Figure, at_least, at_most
from bench.house import House, house
from bench.servers import SITE, granian

SECTION = "weight"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
LIGHTHOUSE = "lighthouse@12.8.2"
RUNS = 5


def measure() -> Iterator[Figure]:
    if not CHROMIUM:
        yield Figure(SECTION, "first visit, Lighthouse", "skipped: no Chromium")
        return
    with house() as home, granian(SITE, home.environment, threads=4) as site:
        url = f"{site.url}/p/linde/"
        yield from first_visit(url)
        yield from lighthouse(url, home)


def first_visit(url: str) -> Iterator[Figure]:
    """Bytes as they came over the wire, headers included, in a Chromium that was never here before."""
    from playwright.sync_api import sync_playwright

    sizes: dict[str, float] = {}
    urls: dict[str, str] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        page = browser.new_page(locale="nl-NL", viewport={"width": 360, "height": 740})
        protocol = page.context.new_cdp_session(page)
        protocol.send("Network.enable")
        protocol.on("Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]}))
        protocol.on(
            "Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]})
        )
        page.goto(url, wait_until="networkidle")
        browser.close()
    fetched = [found for found in urls.values() if not found.startswith("data:")]
    hosts = {urlsplit(found).netloc for found in fetched}
    yield at_most(SECTION, "first visit, over the wire", sum(sizes.values()) / 1024, 45, unit=" KB")
    yield at_most(SECTION, "first visit, requests", len(fetched), 6)
    yield at_most(SECTION, "first visit, other hosts", len(hosts) - 1, 0)


def lighthouse(url: str, home: House) -> Iterator[Figure]:
    if not shutil.which("npx"):
        yield Figure(SECTION, "Lighthouse", "skipped: no Node")
        return
    reports = []
    for run in range(RUNS):
        path = home.folder / f"lighthouse-{run}.json"
        done = subprocess.run(
            ["npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={path}",
             "--only-categories=performance,accessibility,best-practices", f"--chrome-flags={' '.join(FLAGS)}"],
            env=os.environ | {"CHROME_PATH": CHROMIUM or ""}, capture_output=True, text=True, check=False,
            timeout=180,
        )  # fmt: skip
        if done.returncode or not path.exists():
            said = (done.stderr.strip().splitlines() or ["it gave no report"])[-1]
            yield Figure(SECTION, "Lighthouse", f"skipped: {said[:60]}")
            return
        reports.append(json.loads(path.read_text()))
    for category, least in (("performance", 98), ("accessibility", 100), ("best-practices", 100)):
        scores = [100 * report["categories"][category]["score"] for report in reports]
        yield at_least(
            SECTION, f"Lighthouse mobile, {category}, median of {RUNS}", statistics.median(scores), least
        )
    for name in sorted({name for report in reports for name in faults(report)}):
        yield Figure(SECTION, f"  below full marks: {name}", "")


def faults(report: dict) -> Iterator[str]:
    """Audits that cost points, outside performance (where nearly everything is a shade of time)."""
    for category in ("accessibility", "best-practices"):
        for ref in report["categories"][category]["auditRefs"]:
            audit = report["audits"][ref["id"]]
            if ref["weight"] and audit["score"] is not None and audit["score"] < 1:
                yield f"{category}: {audit['title']}"
