package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// screen is what the customer holds.
type screen struct {
	name          string
	width, height int64
	mobile, dark  bool
	script        bool
}

var screens = []screen{
	{"phone", 375, 667, true, false, true},
	{"desktop", 1280, 800, false, false, true},
	{"phone-dark-without-script", 375, 667, true, true, false},
}

// TestTheCustomerInARealBrowser walks shop → iyzico → callback → shop or page, in both languages, on every screen. What the
// customer sees is kept as pictures.
//
// failure 22: the way back, in a real browser
func TestTheCustomerInARealBrowser(t *testing.T) {
	t.Parallel()
	chromium := findChromium(t)
	shop := startShop(t)
	for _, s := range screens {
		for _, language := range []string{"tr", "en"} {
			for _, toShop := range []bool{true, false} {
				name := s.name + "-" + language + map[bool]string{true: "-shop", false: "-page"}[toShop]
				t.Run(name, func(t *testing.T) {
					y, _ := startSystem(t, t.TempDir(), env(map[string]string{"RETURN_URL_ORIGINS": shop.URL}))
					shop.iade.Store(&journey{y.URL, language, toShop})
					method := http.MethodPost
					if s.mobile != toShop {
						method = http.MethodGet
					}
					mustCall(t, "PUT", y.IyzicoURL+"/_fake/settings", "", `{"callbackMethod":"`+method+`"}`)
					b := &browser{t: t, ctx: startBrowser(t, chromium, s), name: name, screen: s}
					b.refund(shop.URL, language, toShop)
				})
			}
		}
	}
	t.Run("a stranger", func(t *testing.T) {
		y, _ := startSystem(t, t.TempDir(), none)
		b := &browser{t: t, ctx: startBrowser(t, chromium, screens[0]), name: "stranger", screen: screens[0]}
		b.do(chromedp.Navigate(y.URL + "/balance-callback/x?token=y"))
		b.see("h1", "Page not found")
		b.accessible("tr", 0)
		b.picture("not-found")
	})
}

// refund is the customer's way.
func (b *browser) refund(shopURL, language string, toShop bool) {
	b.t.Helper()
	words := map[string][3]string{
		"tr": {"Yanıtınız alındı", "Mağazaya dön", "Mağaza"}, "en": {"Your answer was received", "Back to the shop", "Shop"},
	}[language]
	b.do(chromedp.Navigate(shopURL+"/"), chromedp.Click(chromedp.CSS("#to-balance")), chromedp.WaitVisible(chromedp.CSS("#account")))
	b.accessible(language, 1)
	b.picture("1-iyzico-login")
	// By keyboard alone: what is asked for, then Enter.
	b.do(chromedp.Focus(chromedp.CSS("#account")), chromedp.SendKeys(chromedp.CSS("#account"), "+90 555 555 55 55"))
	b.submits("#account", "#code")
	b.picture("2-iyzico-code")
	b.do(chromedp.SendKeys(chromedp.CSS("#code"), "123456"))
	b.submits("#code", `button[value="yes"]`)
	b.accessible(language, 1)
	b.picture("3-iyzico-confirm")
	b.do(chromedp.Click(chromedp.CSS(`button[value="yes"]`)))
	b.backAtShop(words[1])
	if toShop {
		b.see("h1", words[2])
		b.see("#status", "awaiting_merchant")
		b.see("#order", "4711")
		if referrer := get(b, chromedp.Evaluate[string](`document.querySelector("#referrer").textContent + document.referrer`)); strings.Contains(referrer, "balance-callback") {
			b.t.Errorf("the shop learns where the browser came from: %s", referrer)
		}
		b.picture("4-shop")
		return
	}
	b.see("h1", words[0])
	b.accessible(language, 0)
	b.strict()
	b.picture("4-page")
	b.do(chromedp.Reload())
	b.see("h1", words[0])
}
