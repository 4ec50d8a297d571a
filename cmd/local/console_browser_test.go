package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	chrome "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	tabs "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/iade/iade/internal/test/need"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// desks are what people hold who work at the console.
var desks = []screen{
	{"console-phone", 390, 844, true, false, true},
	{"console-desktop", 1280, 900, false, false, true},
	{"console-phone-dark-without-script", 390, 844, true, true, false},
}

// furnished is a shop's books with something on every page.
type furnished struct {
	*System
	paid     iyzicotest.Payment // two lines; a refund of one, and one in iyzico's panel
	refund   string             // the operation of that refund
	order    string             // its order number
	doubtful string             // waits for a person: iyzico's report says something else of it
	opened   string             // waits for the customer
	held     iyzicotest.Payment // not captured
}

// busy lets a page be opened as often as a test likes: of a payment that is not stored each view is a read of iyzico's report.
var busy = env(map[string]string{"RATE_LIMIT_PER_MINUTE": "100000"})

// furnish starts a system and makes something happen on it.
func furnish(t *testing.T) furnished {
	t.Helper()
	y, _ := startSystem(t, t.TempDir(), busy)
	f := furnished{System: y, order: "order-4711"}
	f.doubtful = doubtful(t, y, "order-4712")
	f.paid = sold(t, y, 2)
	f.refund = refundedBy(t, y, `{"paymentId":"`+f.paid.ID+`","paymentTransactionId":"`+f.paid.Lines[0].PaymentTransactionID+`","amount":"42.50","reason":"BUYER_REQUEST","reference":"`+f.order+`"}`)
	mustCall(t, http.MethodPost, y.IyzicoURL+"/_fake/panel-refunds", "", `{"paymentTransactionId":"`+f.paid.Lines[1].PaymentTransactionID+`","price":"9.90"}`)
	mustCall(t, http.MethodGet, y.URL+"/payments/"+f.paid.ID+"?refresh=true", "", "")
	f.opened = refundedBy(t, y, `{"paymentId":"`+sold(t, y, 1).ID+`","destination":"balance","reference":"order-4713"}`)
	f.held = held(t, y)
	inJournal(t, y, f.refund)
	return f
}

// refundedBy has money given back, and gives the operation's id.
func refundedBy(t *testing.T, y *System, body string) string {
	t.Helper()
	id := read[struct{ ID string }](t, mustCall(t, http.MethodPost, y.URL+"/refunds", "k-"+body[len(body)-12:len(body)-2], body).body).ID
	if id == "" {
		t.Fatalf("no operation for %s", body)
	}
	return id
}

// doubtful makes a refund whose answer is lost, and of which iyzico's report says neither yes nor no.
func doubtful(t *testing.T, y *System, order string) string {
	t.Helper()
	settings, faults := y.IyzicoURL+"/_fake/settings", y.IyzicoURL+"/_fake/faults"
	mustCall(t, http.MethodPut, settings, "", `{"report":{"refundStatus":2}}`)
	mustCall(t, http.MethodPost, faults, "", `{"path":"/payment/refund","mode":"reset-after"}`)
	id := refundedBy(t, y, `{"paymentId":"`+sold(t, y, 1).ID+`","amount":"75.00","reference":"`+order+`"}`)
	eventually(t, id+" waits for a person", func() bool {
		mustCall(t, http.MethodPost, y.URL+"/operations/"+id+"/check", "", "")
		return read[struct{ Status string }](t, mustCall(t, http.MethodGet, y.URL+"/refunds/"+id, "", "").body).Status == "needs_review"
	})
	mustCall(t, http.MethodPut, settings, "", `{"report":{}}`)
	return id
}

// pages are what the console shows of it, by a name for the picture.
func (f *furnished) pages() [][2]string {
	payment := "/console/payments/" + f.paid.ID
	return [][2]string{
		{"today", "/console/"}, {"search", "/console/search"}, {"nothing-found", "/console/search?q=nowhere"},
		{"payment", payment}, {"operation", "/console/operations/" + f.refund},
		{"give-back", payment + "/give-back"}, {"release", "/console/payments/" + f.held.ID + "/give-back"}, {"waiting", "/console/waiting"}, {"decide", "/console/waiting/" + f.doubtful},
		{"operations", "/console/operations?from=2020-01-01"}, {"days", "/console/days"}, {"day", "/console/days/2026-01-31"},
		{"events", "/console/events"}, {"laboratory", "/console/laboratory"}, {"book", "/console/laboratory?payment=" + f.paid.ID},
		{"no-such-page", "/console/nowhere"}, {"no-such-payment", "/console/payments/1"},
	}
}

// clerk is a person at the console, in a real browser.
type clerk struct {
	*browser
	y    *System
	lang string
}

func startClerk(t *testing.T, chromium string, y *System, desk screen, lang string) *clerk {
	t.Helper()
	name := desk.name + "-" + lang
	c := &clerk{&browser{t: t, ctx: startBrowser(t, chromium, desk), name: name, screen: desk}, y, lang}
	c.open("/console/language/" + lang + "?back=/console/")
	return c
}

func (c *clerk) open(at string) {
	c.t.Helper()
	c.do(chromedp.Navigate(c.y.URL + at))
	c.comesToFront()
}

// press presses the first thing of the page that matches, and waits until the next page is there.
func (c *clerk) press(selector string) {
	c.t.Helper()
	c.comesToFront()
	c.leaves(func() { c.do(chromedp.Click(chromedp.CSS(selector))) })
}

// leaves does something that leads to another page, and waits for that page.
func (c *clerk) leaves(by func()) {
	c.t.Helper()
	c.do(chromedp.Evaluate[chromedp.Void](`document.documentElement.dataset.left = "not yet"`))
	by()
	c.until(func() (string, bool) {
		at, err := chromedp.Run(c.ctx, chromedp.Evaluate[string](`(document.documentElement.dataset.left||"")+document.readyState+(document.querySelector("footer")?"":" half a page")`))
		return at, err == nil && at == "complete"
	}, "another page is there")
}

// types writes into a field.
func (c *clerk) types(field, text string) {
	c.t.Helper()
	c.do(chromedp.Focus(chromedp.CSS(field)), chromedp.SendKeys(chromedp.CSS(field), text))
}

// reads gives the text of the page's own part.
func (c *clerk) reads() string {
	c.t.Helper()
	return get(c.browser, chromedp.Evaluate[string](`document.querySelector("main").innerText`))
}

// axePath is where make tools puts axe-core.
const axePath = "../../.tools/axe/node_modules/axe-core/axe.min.js"

// findAxe gives axe-core's text. Without it the test is left out, or fails where nothing may be.
func findAxe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(axePath)
	if err != nil {
		need.Missing(t, "axe-core", "make tools")
	}
	return string(script)
}

// axeRun looks at the page by every rule that axe-core has for WCAG 2.2 AA and for good practice.
const axeRun = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(found =>
  found.violations.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(" | ")).join("\n"))`

// examined fails for whatever axe-core finds on the page, for a page wider than the screen, and for one that loads more than its style.
func (c *clerk) examined(checks, page string) {
	c.t.Helper()
	seen := get(c.browser, chromedp.Evaluate[seen](look))
	for _, loaded := range seen.Loaded {
		if loaded != c.y.URL+"/console/style.css" {
			c.t.Errorf("%s: it loads %s", page, loaded)
		}
	}
	if seen.Lang != c.lang || seen.Wide || seen.Worst < 4.5 || len(seen.Labels) > 0 || seen.Scripts > 0 {
		c.t.Errorf("%s: language %s, wider than the screen %t, least contrast %.1f (%s), without a name %v, %d scripts", page, seen.Lang, seen.Wide, seen.Worst, seen.WorstOf, seen.Labels, seen.Scripts)
	}
	if !c.screen.script {
		return // axe-core is a script
	}
	c.do(chromedp.Evaluate[chromedp.Void](checks + "; void 0"))
	if found := get(c.browser, chromedp.Evaluate[string](axeRun, chromedp.EvalAwaitPromise)); found != "" {
		c.t.Errorf("%s: axe-core finds\n%s", page, found)
	}
}

// TestTheConsoleInARealBrowser opens every page of the console, in both languages, on every screen, with and without JavaScript. axe
// finds nothing on any of them, and each is kept as a picture.
func TestTheConsoleInARealBrowser(t *testing.T) {
	t.Parallel()
	chromium, checks := findChromium(t), findAxe(t)
	shop := furnish(t)
	for _, desk := range desks {
		for _, lang := range []string{"tr", "en"} {
			t.Run(desk.name+"-"+lang, func(t *testing.T) {
				c := startClerk(t, chromium, shop.System, desk, lang)
				for _, shown := range shop.pages() {
					c.open(shown[1])
					c.examined(checks, shown[1])
					c.picture(shown[0])
				}
				c.open("/console/payments/" + shop.paid.ID + "/give-back")
				c.do(chromedp.Click(chromedp.CSS("#full")))
				c.press("main form button") // the preview
				c.examined(checks, "the preview")
				c.picture("preview")
				if lang == "en" && desk.name == "console-desktop" && *update {
					c.open("/console/")
					c.keep("console-today.png")
					c.open("/console/payments/" + shop.paid.ID)
					c.keep("console-payment.png")
				}
			})
		}
	}
}

// comesToFront shows this tab, and has it behave as the one that is looked at: the browser may keep a click for a tab behind another
// one without end.
func (c *clerk) comesToFront() {
	c.t.Helper()
	c.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, front := cdp.Call(ctx, tab, tabs.BringToFront, cdp.Empty{})
		_, focus := cdp.Call(ctx, tab, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return errors.Join(front, focus)
	}))
}

// back presses the browser's back button, and waits until the page of that address is there. The page may come from the browser's own
// memory, where no page is loaded.
func (c *clerk) back(path string) {
	c.t.Helper()
	c.do(chromedp.Evaluate[chromedp.Void]("history.back()"))
	c.until(func() (string, bool) {
		at, err := chromedp.Run(c.ctx, chromedp.Evaluate[string]("location.pathname+document.readyState"))
		return at, err == nil && strings.HasSuffix(at, path+"complete")
	}, "back at "+path)
}

// keep writes what is on the screen into docs/img, one pixel for each.
func (c *clerk) keep(name string) {
	c.t.Helper()
	c.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: c.screen.width, Height: c.screen.height, DeviceScaleFactor: 1})
		return err
	}))
	if err := os.WriteFile(filepath.Join("../../docs/img", name), get(c.browser, chromedp.CaptureScreenshot()), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// TestOneFormPaysOnceInARealBrowser whatever people do with their browser: a double click, the back button, a reload, a second tab. What
// iyzico's book says is the proof.
func TestOneFormPaysOnceInARealBrowser(t *testing.T) {
	t.Parallel()
	chromium := findChromium(t)
	y, _ := startSystem(t, t.TempDir(), busy)
	for _, desk := range desks[1:] {
		for _, lang := range []string{"tr", "en"} {
			t.Run(desk.name+"-"+lang, func(t *testing.T) {
				p := sold(t, y, 1)
				c := startClerk(t, chromium, y, desk, lang)
				preview := func(c *clerk) {
					c.t.Helper()
					c.open("/console/payments/" + p.ID)
					c.press(`a[href*="give-back"]`)
					c.do(chromedp.Click(chromedp.CSS("#line-way")))
					c.types("#amount", map[string]string{"tr": "30,50", "en": "30.50"}[lang])
					c.press("main form button")
				}
				preview(c)
				tab, close := chromedp.NewContext(c.ctx)
				t.Cleanup(close)
				if err := chromedp.Do(tab); err != nil { // opens it, for as long as its context lives
					t.Fatal(err)
				}
				second := &clerk{&browser{t: t, ctx: tab, name: c.name + "-tab", screen: desk}, y, lang}
				preview(second)

				const now = `main section form[method="post"] button`
				c.comesToFront()
				c.leaves(func() { c.do(chromedp.DoubleClick(chromedp.CSS(now))) })
				eventually(t, "the money moved", func() bool { return len(moneyBack(y, p.ID)) > 0 })
				second.press(now)
				c.comesToFront()
				c.back("/give-back")
				c.do(chromedp.Reload())
				c.press(now)
				second.do(chromedp.Reload())
				for _, looked := range []*clerk{c, second} {
					looked.open("/console/payments/" + p.ID)
					if said := looked.reads(); !strings.Contains(said, map[string]string{"tr": "69,50 TL", "en": "TRY 69.50"}[lang]) {
						t.Errorf("%s: the payment shows\n%s", looked.name, said)
					}
				}
				if back := moneyBack(y, p.ID); len(back) != 1 || back[0] != "30.5" {
					t.Fatalf("iyzico's book: %v", back)
				}
			})
		}
	}
}

// TestFinanceWorksWithoutATerminal is a morning in finance, in a real browser: find a refund by its order number, tell the customer the
// bank's reference, export a week, close yesterday, decide what waits.
func TestFinanceWorksWithoutATerminal(t *testing.T) {
	t.Parallel()
	chromium := findChromium(t)
	for lang, words := range map[string]struct{ waits, recorded, closed string }{
		"tr": {"75,00 TL", "Kararınız kaydedildi", "Gün kapatıldı"}, "en": {"TRY 75.00", "Your decision was recorded", "The day was closed"},
	} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			shop := furnish(t)
			c := startClerk(t, chromium, shop.System, desks[1], lang)
			reference := read[struct{ CustomerReference string }](t, mustCall(t, http.MethodGet, shop.URL+"/refunds/"+shop.refund, "", "").body).CustomerReference

			c.types("#q", shop.order)
			c.leaves(func() { c.do(chromedp.SendKeys(chromedp.CSS("#q"), kb.Enter)) })
			told := get(c.browser, chromedp.Evaluate[string](`document.querySelector("blockquote[lang=`+lang+`]").innerText`))
			if reference == "" || !strings.Contains(told, reference) || !strings.Contains(c.reads(), shop.refund) {
				t.Errorf("the order's refund with %q is not what is shown: %q in\n%s", reference, told, c.reads())
			}
			c.picture("finance-1-found")

			folder := t.TempDir()
			c.downloads(folder)
			c.press(`nav a[href="/console/operations"]`)
			c.press(`main a[href*="from="]:nth-of-type(2)`) // last week
			c.do(chromedp.Click(chromedp.CSS(`a[href*="operations.csv"]`)))
			if file := c.downloaded(folder); !strings.HasPrefix(file, "id,") {
				t.Errorf("last week's file: %q", file)
			}
			c.press(`main a[href*="from="]:nth-of-type(1)`) // this week
			c.do(chromedp.Click(chromedp.CSS(`a[href*="operations.csv"]`)))
			if file := c.downloaded(folder); !strings.Contains(file, shop.refund+",") || !strings.Contains(file, reference) {
				t.Errorf("this week's file lacks %s: %q", shop.refund, file)
			}

			c.press(`nav a[href="/console/days"]`)
			c.press(`.box form button`) // close yesterday
			if said := c.reads(); !strings.Contains(said, words.closed) {
				t.Errorf("yesterday is not closed:\n%s", said)
			}
			c.picture("finance-2-closed")

			c.press(`nav a[href="/console/waiting"]`)
			if said := c.reads(); !strings.Contains(said, words.waits) {
				t.Errorf("it does not wait:\n%s", said)
			}
			c.press(`a[href="/console/waiting/` + shop.doubtful + `"]`)
			c.do(chromedp.Click(chromedp.CSS("#succeeded")))
			c.types("#reason", "iyzico panel shows it")
			c.types("#by", "fin-7")
			c.press("button.danger")
			if said := c.reads(); !strings.Contains(said, words.recorded) {
				t.Errorf("the decision was not recorded:\n%s", said)
			}
			c.picture("finance-3-decided")
			if status := read[struct{ Status string }](t, mustCall(t, http.MethodGet, shop.URL+"/refunds/"+shop.doubtful, "", "").body).Status; status != "succeeded" {
				t.Errorf("%s is %s", shop.doubtful, status)
			}
		})
	}
}

// downloads puts what is downloaded into a folder.
func (c *clerk) downloads(folder string) {
	c.t.Helper()
	c.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, chrome.SetDownloadBehavior, chrome.SetDownloadBehaviorParams{Behavior: chrome.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder})
		return err
	}))
}

// downloaded waits for one file of the folder, and takes it out.
func (c *clerk) downloaded(folder string) (text string) {
	c.t.Helper()
	eventually(c.t, "a file was downloaded", func() bool {
		files, err := filepath.Glob(filepath.Join(folder, "*.csv"))
		if err != nil || len(files) != 1 {
			return false
		}
		file, err := os.ReadFile(files[0])
		text = string(file)
		return err == nil && strings.HasSuffix(text, "\n") && os.Remove(files[0]) == nil // the browser makes it before it fills it
	})
	return text
}
