package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/iade/iade/internal/test/need"
)

// findChromium gives the browser's path. Without one the test is left out, or fails where nothing may be.
func findChromium(t *testing.T) string {
	t.Helper()
	need.Programs(t)
	path, err := exec.LookPath("chromium")
	if err != nil {
		need.Missing(t, "chromium", "make tools")
	}
	return path
}

// wholeVisit bounds all that a browser is used for: many waits.
const wholeVisit = 5 * patience

// browser is one customer's browser.
type browser struct {
	t      *testing.T
	ctx    context.Context
	name   string
	screen screen
}

func startBrowser(t *testing.T, path string, s screen) context.Context {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), // among them: no window is slower for being behind another
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(patience),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("no-proxy-server", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits for the process, so that its folder can go
		cancelTab()
	})
	ctx, cancelTime := context.WithTimeout(ctx, wholeVisit)
	t.Cleanup(cancelTime)
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, size := cdp.Call(ctx, tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: s.width, Height: s.height, DeviceScaleFactor: 2, Mobile: s.mobile,
		})
		_, media := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		_, script := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !s.script})
		return errors.Join(size, media, script)
	}))
	if err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return ctx
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v; the page shows\n%s", b.name, err, b.shows())
	}
}

// shows is the address and the text of the page, for whoever reads of a failure.
func (b *browser) shows() string {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname+location.search+"\n"+document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// get carries out an action that brings something.
func get[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.t.Fatalf("%s: %v", b.name, err)
	}
	return value
}

// see waits until an element of the page holds the text.
func (b *browser) see(selector, text string) {
	b.t.Helper()
	b.until(func() (string, bool) {
		got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf(`(document.querySelector(%q)||{textContent:""}).textContent`, selector)))
		if err != nil {
			return err.Error(), false
		}
		return got, strings.Contains(got, text)
	}, selector+" holds "+text)
}

func (b *browser) until(holds func() (string, bool), what string) {
	b.t.Helper()
	var got string
	for end := time.Now().Add(patience / 2); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var ok bool
		if got, ok = holds(); ok {
			return
		}
	}
	b.t.Fatalf("%s: not so: %s (%s)", b.name, what, got)
}

// submits presses Enter in a field and waits for what comes next.
func (b *browser) submits(field, next string) {
	b.t.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS(field), kb.Enter), chromedp.WaitVisible(chromedp.CSS(next)))
}

// backAtShop presses the button that leads back, where iyzico's page has one: without it the browser was sent on already.
func (b *browser) backAtShop(button string) {
	b.t.Helper()
	var at string
	b.until(func() (string, bool) {
		var err error
		if at, err = chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.pathname+" "+document.body.innerText`)); err != nil {
			return err.Error(), false
		}
		return at, !strings.HasPrefix(at, "/refund-to-balance/") || strings.Contains(at, button)
	}, "the customer's yes was taken")
	if strings.HasPrefix(at, "/refund-to-balance/") {
		b.picture("3b-iyzico-return")
		b.do(chromedp.Click(chromedp.CSS(`form[action] button`)))
	}
}

// picture keeps what the customer sees in IADE_ARTIFACTS, or in the test's own artefact folder.
func (b *browser) picture(step string) {
	b.t.Helper()
	png := get(b, chromedp.FullScreenshot(100))
	folder := os.Getenv("IADE_ARTIFACTS")
	if folder == "" {
		folder = b.t.ArtifactDir()
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, b.name+"-"+step+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// seen is what the checks of accessibility need of a page.
type seen struct {
	Lang     string
	Title    string
	Headings []int
	Focus    []string // what Tab reaches, in the order of the page
	Labels   []string // fields without a name
	Worst    float64  // the least contrast of any text with its ground
	WorstOf  string
	Wide     bool // wider than the screen
	Scripts  int
	Loaded   []string // what the page fetched beside itself
}

const look = `(() => {
  const luminance = c => { const p = c.match(/[\d.]+/g).map(Number).slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * p[0] + .7152 * p[1] + .0722 * p[2] };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\)|transparent/.test(c)) return c } return "rgb(255,255,255)" };
  let worst = 21, worstOf = "";
  for (const e of document.body.querySelectorAll("*")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility()) continue;
    const a = luminance(getComputedStyle(e).color), b = luminance(ground(e));
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < worst) { worst = contrast; worstOf = e.tagName + " " + e.textContent.trim().slice(0, 40) }
  }
  const focusable = [...document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,[tabindex]")];
  return {
    Lang: document.documentElement.lang, Title: document.title,
    Headings: [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map(h => Number(h.tagName[1])),
    Focus: focusable.map(e => e.tagName.toLowerCase() + (e.tabIndex > 0 ? " out of order" : "")),
    Labels: [...document.querySelectorAll("input:not([type=hidden])")].filter(e => !e.labels.length).map(e => e.name),
    Worst: worst, WorstOf: worstOf, Wide: document.documentElement.scrollWidth > innerWidth,
    Scripts: document.scripts.length, Loaded: performance.getEntriesByType("resource").map(r => r.name).filter(n => !n.endsWith("/favicon.ico")),
  }
})()`

// accessible holds a page to what everybody needs of it: its language, one main heading and no level left out, contrast of
// 4.5 to 1, fields with names, the keyboard's order that of the page, and no scrolling sideways. leastFocus is how many
// things the keyboard must reach at least; 0 means none at all.
func (b *browser) accessible(language string, leastFocus int) {
	b.t.Helper()
	page := get(b, chromedp.Evaluate[seen](look))
	if page.Lang != language || page.Title == "" {
		b.t.Errorf("%s: language %q, title %q", b.name, page.Lang, page.Title)
	}
	for i, level := range page.Headings {
		if (i == 0) != (level == 1) || i > 0 && level > page.Headings[i-1]+1 {
			b.t.Errorf("%s: headings %v", b.name, page.Headings)
		}
	}
	if len(page.Headings) == 0 || page.Worst < 4.5 || len(page.Labels) > 0 || page.Wide {
		b.t.Errorf("%s: headings %v, least contrast %.1f (%s), unnamed fields %v, too wide %v", b.name, page.Headings, page.Worst, page.WorstOf, page.Labels, page.Wide)
	}
	if len(page.Focus) < leastFocus || leastFocus == 0 && len(page.Focus) > 0 || strings.Contains(strings.Join(page.Focus, ","), "out of order") {
		b.t.Errorf("%s: the keyboard reaches %v", b.name, page.Focus)
	}
	b.tabs(page.Focus)
}

// tabs presses Tab and compares what gets the focus with the order of the page.
func (b *browser) tabs(want []string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement && document.activeElement.blur()`))
	var got []string
	for range want {
		b.do(chromedp.KeyEvent(kb.Tab))
		got = append(got, get(b, chromedp.Evaluate[string](`document.activeElement.tagName.toLowerCase()`)))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		b.t.Errorf("%s: Tab reaches %v, the page has %v", b.name, got, want)
	}
}

// strict holds iade's own page to what it promises: no script, nothing loaded, no way for a script to run.
func (b *browser) strict() {
	b.t.Helper()
	page := get(b, chromedp.Evaluate[seen](look))
	if page.Scripts > 0 || len(page.Loaded) > 0 {
		b.t.Errorf("%s: %d scripts, loaded %v", b.name, page.Scripts, page.Loaded)
	}
	if styled := get(b, chromedp.Evaluate[string](`getComputedStyle(document.querySelector("main")).borderRadius`)); styled != "12px" {
		b.t.Errorf("%s: the policy keeps the page's own style away: %q", b.name, styled)
	}
}
