package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// sold adds a payment of so many lines of 100.00 to the fake, and gives its id.
func sold(t *testing.T, y *System, lines int) iyzicotest.Payment {
	t.Helper()
	var spec iyzicotest.PaymentSpec
	for range lines {
		spec.Lines = append(spec.Lines, iyzicotest.LineSpec{PaidPrice: decimal.New(10000, -2)})
	}
	return added(t, y, spec)
}

func added(t *testing.T, y *System, spec iyzicotest.PaymentSpec) iyzicotest.Payment {
	t.Helper()
	p, err := y.Fake.Ledger().AddPayment(spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// held adds a hold of 100.00 that was not captured.
func held(t *testing.T, y *System) iyzicotest.Payment {
	t.Helper()
	return added(t, y, iyzicotest.PaymentSpec{Phase: iyzicotest.PhasePreAuth, Lines: []iyzicotest.LineSpec{{PaidPrice: decimal.New(10000, -2)}}})
}

// moneyBack lists what the fake's book says went back on a payment.
func moneyBack(y *System, paymentID string) (back []string) {
	for _, e := range y.Fake.Ledger().Executions(paymentID) {
		if e.Kind != iyzicotest.KindPayment {
			back = append(back, e.Price.String())
		}
	}
	return back
}

// inJournal waits until an operation's event is published and its record is written.
func inJournal(t *testing.T, y *System, id string) {
	t.Helper()
	eventually(t, id+" is in the journal, and its event is published", func() bool {
		recorded := mustCall(t, http.MethodGet, y.URL+"/operations?status=succeeded", "", "")
		published := mustCall(t, http.MethodGet, y.URL+eventsPath, "", "")
		return strings.Contains(string(recorded.body), id) && strings.Contains(string(published.body), id)
	})
}

// TestThePagesOfTheConsole shows every page in both languages.
func TestThePagesOfTheConsole(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	p := sold(t, y, 2)
	first := mustCall(t, http.MethodPost, y.URL+"/refunds", "k1", `{"paymentId":"`+p.ID+`","amount":"12.50","allocation":"in_order","reference":"order-4711 <b>&\"'"}`)
	id := read[struct{ ID string }](t, first.body).ID
	inJournal(t, y, id)
	for lang, says := range map[string]map[string][]string{
		"en": {
			"/console/": {"Today", "TRY 12.50", "Not known yet", "nothing waits for it"}, "/console/search": {"Type an order number"},
			"/console/search?q=nowhere": {"Nothing was found for “nowhere”"}, "/console/payments/" + p.ID: {"TRY 187.50", "We gave TRY 12.50 back", "kartınıza 12,50 TL iade ettik", "Asked for.", "iyzico answered: done"},
			"/console/operations/" + id: {"The money moved", "order-4711 <b>&\"'"}, "/console/nowhere": {"No such page"}, "/console/payments/1": {"There is no such operation, payment or route"},
			"/console/payments/" + p.ID + "/give-back": {"All that is left", "Preview"},
			"/console/waiting":                         {"Nothing waits for a person"}, "/console/operations": {"Last week", "No such operation"}, "/console/operations?status=succeeded": {"TRY 12.50", id},
			"/console/days": {"Yesterday,", "is not closed"}, "/console/days/2026-01-31": {"31 Jan 2026", "it was not closed yet", "Close this day now"}, "/console/events": {"refund.succeeded", id},
		},
		"tr": {
			"/console/": {"Bugün", "12,50 TL", "Henüz bilinmiyor", "onu bekleyen yok"}, "/console/search": {"bir sipariş numarası"},
			"/console/search?q=nowhere": {"“nowhere” için bir şey bulunamadı"}, "/console/payments/" + p.ID: {"187,50 TL", "We gave TRY 12.50 back", "kartınıza 12,50 TL iade ettik", "İstendi.", "iyzico yanıtladı: tamamlandı"},
			"/console/operations/" + id: {"Para hareket etti", "order-4711 <b>&\"'"}, "/console/nowhere": {"Böyle bir sayfa yok"}, "/console/payments/1": {"Böyle bir işlem, ödeme veya adres yok"},
			"/console/payments/" + p.ID + "/give-back": {"Kalanın tümü", "Önizle"},
			"/console/waiting":                         {"Karar bekleyen bir şey yok"}, "/console/operations": {"Geçen hafta", "Böyle bir işlem yok"}, "/console/operations?status=succeeded": {"12,50 TL", id},
			"/console/days": {"Dün,", "kapatılmadı"}, "/console/days/2026-01-31": {"31.01.2026", "henüz kapatılmadı", "Bu günü şimdi kapat"}, "/console/events": {"refund.succeeded", id},
		},
	} {
		v := visit(t, y.URL, lang)
		for at, parts := range says {
			status := http.StatusOK
			if strings.HasSuffix(at, "/nowhere") || strings.HasSuffix(at, "/payments/1") {
				status = http.StatusNotFound
			}
			shown := v.open(at)
			if v.sees(shown, status, parts...); strings.Contains(shown.html, "<b>") {
				t.Errorf("%s: what a caller wrote is markup:\n%s", at, shown.html)
			}
		}
	}
	// A choice outlives what the browser prefers.
	v := visit(t, y.URL, "en")
	chosen := v.open("/console/language/tr?back=" + url.QueryEscape("/console/payments/"+p.ID))
	v.lang = "tr"
	v.sees(chosen, http.StatusOK, "187,50 TL")
	if away := v.ask(http.MethodGet, "/console/language/en?back="+url.QueryEscape("//evil.example/console/"), nil); away.location != "/console/" {
		t.Errorf("a choice of language leads to %s", away.location)
	}
}

// TestTheSearchFindsWhateverAPersonHasInHand leads to the one thing that is found.
func TestTheSearchFindsWhateverAPersonHasInHand(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	p := sold(t, y, 1)
	id := read[struct{ ID string }](t, mustCall(t, http.MethodPost, y.URL+"/refunds", "k1", `{"paymentId":"`+p.ID+`","amount":"1.00","reference":"shop-81"}`).body).ID
	inJournal(t, y, id)
	v := visit(t, y.URL, "en")
	for word, want := range map[string]string{
		"shop-81": "/console/operations/" + id, p.ID: "/console/payments/" + p.ID, id: "/console/operations/" + id, id + "-1": "/console/operations/" + id,
		" 2026-01-31 ": "/console/days/2026-01-31", "31.01.2026": "/console/days/2026-01-31",
	} {
		if found := v.ask(http.MethodGet, "/console/search?q="+url.QueryEscape(word), nil); found.status != http.StatusSeeOther || found.location != want {
			t.Errorf("%q: HTTP %d, leads to %q, not to %q", word, found.status, found.location, want)
		}
	}
	mustCall(t, http.MethodPost, y.URL+"/refunds", "k2", `{"paymentId":"`+p.ID+`","amount":"2.00","reference":"shop-81"}`)
	eventually(t, "the second one is found too", func() bool { return strings.Contains(v.open("/console/search?q=shop-81").html, "TRY 2.00") })
	v.sees(v.open("/console/search?q=shop-81"), http.StatusOK, "TRY 1.00", "TRY 2.00")
	v.sees(v.open("/console/search?q="+strings.Repeat("9", 256)), http.StatusBadRequest, "cannot be looked for")
}

// TestAHoldIsReleasedAtTheConsole: what was not captured cannot be refunded, and the form offers the cancel alone.
func TestAHoldIsReleasedAtTheConsole(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	for lang, says := range map[string][]string{
		"en": {"Release the hold", "Release the whole hold", "This hold will be released", "TRY 100.00", "Requests to iyzico: 1.", "Your request was taken"},
		"tr": {"Ön onayı kaldır", "Ön onayın tümünü kaldır", "Kaldırılacak ön onay", "100,00 TL", "iyzico isteği: 1.", "İsteğiniz alındı"},
	} {
		p := held(t, y)
		v := visit(t, y.URL, lang)
		v.sees(v.open("/console/payments/"+p.ID), http.StatusOK, says[0])
		form := v.open("/console/payments/" + p.ID + "/give-back")
		if v.sees(form, http.StatusOK, says[1], says[3]); strings.Contains(form.html, `value="full"`) || strings.Contains(form.html, `name="amount"`) {
			t.Errorf("a hold is offered to be refunded:\n%s", ownPart(form.html))
		}
		v.sees(v.open(form.at+"&what=full"), http.StatusBadRequest, says[1])
		v.sees(v.open(form.at+"&what=whole"), http.StatusBadRequest, says[1])
		preview := v.open(form.at + "&what=release")
		v.sees(preview, http.StatusOK, says[2], says[3], says[4])
		if back := moneyBack(y, p.ID); len(back) != 0 {
			t.Fatalf("a preview moved money: %v", back)
		}
		f := v.form(preview, "/give-back")
		done := v.press(f)
		v.sees(v.open(done.location), http.StatusOK, says[5])
		if again := v.press(f); !strings.HasSuffix(again.location, "did=again") {
			t.Errorf("HTTP %d %s", again.status, again.location)
		}
		if back := moneyBack(y, p.ID); len(back) != 1 || back[0] != "100" {
			t.Errorf("iyzico's book: %v", back)
		}
	}
}

// TestAHoldThatWasCapturedIsNotReleased: iyzico is asked again before a hold is shown or released, for the shop captures it past iade. What
// was charged meanwhile is given back only by a form that says so.
func TestAHoldThatWasCapturedIsNotReleased(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	v := visit(t, y.URL, "en")
	captured := func(p iyzicotest.Payment) {
		if err := y.Fake.Ledger().Capture(p.ID); err != nil {
			t.Fatal(err)
		}
	}
	// One that iade has in its store as a hold: its release did not reach iyzico.
	p := held(t, y)
	mustCall(t, http.MethodPost, y.IyzicoURL+"/_fake/faults", "", `{"path":"/payment/cancel","mode":"rate-limit"}`)
	mustCall(t, http.MethodPost, y.URL+"/cancels", "k1", `{"paymentId":"`+p.ID+`"}`)
	form := v.open("/console/payments/" + p.ID + "/give-back")
	preview := v.open(form.at + "&what=release")
	v.sees(preview, http.StatusOK, "This hold will be released")
	f := v.form(preview, "/give-back")
	captured(p)
	v.sees(v.press(f), http.StatusBadRequest, "the payment is not as the form shows it", "All that is left")
	v.sees(v.open(form.at+"&what=release"), http.StatusBadRequest, "the payment is not as the form shows it")
	v.sees(v.open("/console/payments/"+p.ID+"/give-back"), http.StatusOK, "All that is left")
	if back := moneyBack(y, p.ID); len(back) != 0 {
		t.Fatalf("a charged payment was released: %v", back)
	}
	// One of an earlier day, which iyzico releases no more.
	old := added(t, y, iyzicotest.PaymentSpec{
		Phase: iyzicotest.PhasePreAuth, CreatedAt: time.Now().Add(-50 * time.Hour), Lines: []iyzicotest.LineSpec{{PaidPrice: decimal.New(10000, -2)}},
	})
	if shown := v.open("/console/payments/" + old.ID); strings.Contains(shown.html, "give-back") {
		t.Errorf("a release is offered that iyzico refuses:\n%s", ownPart(shown.html))
	}
	v.sees(v.open("/console/payments/"+old.ID+"/give-back"), http.StatusOK, "the hold ends by itself")
	v.sees(v.open("/console/payments/"+old.ID+"/give-back?what=release"), http.StatusOK, "the hold ends by itself")
}

// TestGivingBackAtTheConsolePaysOnce whatever a person does with the form; iyzico's book is the proof.
func TestGivingBackAtTheConsolePaysOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	y, stop := startSystem(t, folder, none)
	p := sold(t, y, 1)
	v := visit(t, y.URL, "en")

	tab := v.open("/console/payments/" + p.ID + "/give-back")
	other := v.open("/console/payments/" + p.ID + "/give-back")
	if !strings.Contains(tab.at, "?key=console-") || tab.at != other.at {
		t.Fatalf("two tabs have two keys: %s and %s", tab.at, other.at)
	}
	filled := "&what=line&amount=" + url.QueryEscape("30,5") + "&line=" + p.Lines[0].PaymentTransactionID + "&reason=BUYER_REQUEST&reference=order-9"
	preview := v.open(tab.at + filled)
	v.sees(preview, http.StatusOK, "TRY 30.50", "Give it back now")
	if back := moneyBack(y, p.ID); len(back) != 0 {
		t.Fatalf("a preview moved money: %v", back)
	}
	f := v.form(preview, "/give-back")
	done := v.press(f)
	if done.status != http.StatusSeeOther || !strings.HasSuffix(done.location, "?did=sent") {
		t.Fatalf("HTTP %d %s\n%s", done.status, done.location, ownPart(done.html))
	}
	v.sees(v.open(done.location), http.StatusOK, "Your request was taken", "done", "TRY 30.50", "order-9")
	v.sees(v.open(done.location), http.StatusOK, "The money moved") // loaded again

	// A double click, the back button, the second tab, the other language: the same form again.
	for range 2 {
		if again := v.press(f); again.location != strings.Replace(done.location, "did=sent", "did=again", 1) {
			t.Errorf("HTTP %d %s", again.status, again.location)
		}
	}
	v.sees(v.open(tab.at+filled), http.StatusOK, "has changed since this form was drawn")
	if again := v.press(v.form(v.open(other.at+filled), "/give-back")); !strings.HasSuffix(again.location, "did=again") {
		t.Errorf("the second tab: HTTP %d %s", again.status, again.location)
	}
	v.sees(v.open(strings.Replace(done.location, "did=sent", "did=again", 1)), http.StatusOK, "nothing was sent now")
	// The same form with another amount is another refund, and no second one is made under its key.
	v.sees(v.press(f, "amount", "10"), http.StatusUnprocessableEntity, "The key belongs to another request", "This is what the form did")
	if back := moneyBack(y, p.ID); len(back) != 1 || back[0] != "30.5" {
		t.Fatalf("iyzico's book: %v", back)
	}

	// A new form, drawn on the payment as it is now, is a refund in addition.
	second := v.open(v.open(tab.at).at[:strings.Index(tab.at, "?")])
	if second.at == tab.at {
		t.Fatal("the payment changed, and the form did not")
	}
	preview = v.open(second.at + "&what=full")
	v.sees(preview, http.StatusOK, "TRY 69.50")
	f = v.form(preview, "/give-back")
	stop()
	y, _ = startSystem(t, folder, none) // a form outlives a restart of everything, less its token
	v.origin = y.URL
	v.sees(v.press(f), http.StatusForbidden, "Nothing was done")
	f = v.form(v.open(y.URL+strings.TrimPrefix(second.at, second.at[:strings.Index(second.at, "/console/")])+"&what=full"), "/give-back")
	for range 2 {
		v.press(f)
	}
	if back := moneyBack(y, p.ID); len(back) != 2 || back[1] != "69.5" {
		t.Fatalf("iyzico's book: %v", back)
	}
}

// TestAWholePaymentIsGivenBackTheBestWay: on its day, and with nothing refunded, by a cancel; else by refunds. Once.
func TestAWholePaymentIsGivenBackTheBestWay(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	v := visit(t, y.URL, "en")
	untouched, begun := sold(t, y, 1), sold(t, y, 2)
	mustCall(t, http.MethodPost, y.URL+"/refunds", "k1", `{"paymentId":"`+begun.ID+`","paymentTransactionId":"`+begun.Lines[0].PaymentTransactionID+`","amount":"100"}`)
	for _, p := range []iyzicotest.Payment{untouched, begun} {
		preview := v.open(v.open("/console/payments/"+p.ID+"/give-back").at + "&what=whole&reason=OTHER&reference=order-3")
		v.sees(preview, http.StatusOK, "TRY 100.00", "cancels the payment if")
		f := v.form(preview, "/give-back")
		done := v.press(f)
		v.sees(v.open(done.location), http.StatusOK, "Your request was taken", "reversal", "order-3")
		if again := v.press(f); !strings.HasSuffix(again.location, "did=again") {
			t.Errorf("HTTP %d %s", again.status, again.location)
		}
	}
	if back := moneyBack(y, untouched.ID); len(back) != 1 || y.Fake.Ledger().Executions(untouched.ID)[0].Kind != iyzicotest.KindCancel {
		t.Errorf("iyzico's book: %+v", y.Fake.Ledger().Executions(untouched.ID))
	}
	if back := moneyBack(y, begun.ID); len(back) != 2 || back[1] != "100" {
		t.Errorf("iyzico's book: %v", back)
	}
}

// TestWhatWaitsForItsKeyIsShownSo: the refunds that take a refused cancel's place wait until the same key asks again, and nobody
// else sends them. The page does not say that they are on their way.
func TestWhatWaitsForItsKeyIsShownSo(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	p := sold(t, y, 1)
	mustCall(t, http.MethodPost, y.IyzicoURL+"/_fake/faults", "", `{"path":"/payment/cancel","mode":"refuse","errorCode":"10057"}`)
	mustCall(t, http.MethodPost, y.IyzicoURL+"/_fake/faults", "", `{"path":"/payment/refund","mode":"refuse","errorCode":"1001"}`)
	reversal := `{"paymentId":"` + p.ID + `"}`
	waiting := read[resource](t, mustCall(t, http.MethodPost, y.URL+"/reversals", "k1", reversal).body)
	if waiting.Status != "processing" {
		t.Fatalf("%+v", waiting)
	}
	page := "/console/operations/" + waiting.ID
	v := visit(t, y.URL, "en")
	v.sees(v.open(page), http.StatusOK, "waits until the same key asks again", "ask again with the same key")
	mustCall(t, http.MethodPost, y.URL+"/reversals", "k1", reversal)
	v.sees(v.open(page), http.StatusOK, "The money moved")
	if back := moneyBack(y, p.ID); len(back) != 1 {
		t.Errorf("iyzico's book: %v", back)
	}
}

// TestALostAnswerAtTheConsole says what is not known, and what not to do.
func TestALostAnswerAtTheConsole(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	p := sold(t, y, 1)
	mustCall(t, http.MethodPost, y.URL+"/refunds", "k0", `{"paymentId":"`+p.ID+`","amount":"2.00"}`) // iade knows the payment from now on
	v := visit(t, y.URL, "en")
	preview := v.open(v.open("/console/payments/"+p.ID+"/give-back").at + "&what=line&amount=98&line=" + p.Lines[0].PaymentTransactionID)
	mustCall(t, http.MethodPost, y.IyzicoURL+"/_fake/faults", "", `{"path":"/payment/refund","mode":"reset-after"}`)
	mustCall(t, http.MethodPost, y.IyzicoURL+"/_fake/faults", "", `{"path":"/v2/reporting/payment/details","mode":"status-500-before","times":0}`)
	f := v.form(preview, "/give-back")
	done := v.press(f)
	v.sees(v.open(done.location), http.StatusOK, "not known yet", "Do not refund it again", "Check now")
	v.press(f)
	mustCall(t, http.MethodDelete, y.IyzicoURL+"/_fake/faults", "", "")
	operation, _, _ := strings.Cut(done.location, "?")
	checked := v.press(v.form(v.open(operation), "/check"))
	v.sees(v.open(checked.location), http.StatusOK, "iyzico was read", "done")
	if back := moneyBack(y, p.ID); len(back) != 2 {
		t.Fatalf("iyzico's book: %v", back)
	}
}

// TestNoOtherPageReachesTheConsole: neither under a name of its own (DNS rebinding), nor from another origin, nor with a form that
// the console did not draw for this browser.
func TestNoOtherPageReachesTheConsole(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	p := sold(t, y, 1)
	v := visit(t, y.URL, "en")
	f := v.form(v.open(v.open("/console/payments/"+p.ID+"/give-back").at+"&what=full"), "/give-back")
	for what, asked := range map[string]page{
		"another name":             v.ask(http.MethodGet, "/console/", nil, "Host", "evil.example"),
		"another name's form":      v.ask(http.MethodPost, f.action, f.values, "Host", "evil.example", "Origin", "http://evil.example"),
		"another origin's form":    v.ask(http.MethodPost, f.action, f.values, "Origin", "http://evil.example"),
		"another site's form":      v.ask(http.MethodPost, f.action, f.values, "Sec-Fetch-Site", "cross-site"),
		"a form without token":     v.press(f, "form", ""),
		"a form with another's":    visit(t, y.URL, "en").press(f),
		"a form with a wrong one":  v.press(f, "form", strings.Repeat("A", 43)),
		"a picture of another one": v.ask(http.MethodGet, "/console/", nil, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"),
	} {
		if asked.status != http.StatusForbidden || !strings.Contains(asked.html, "Nothing was done") {
			t.Errorf("%s: HTTP %d\n%s", what, asked.status, ownPart(asked.html))
		}
	}
	if back := moneyBack(y, p.ID); len(back) != 0 {
		t.Fatalf("iyzico's book: %v", back)
	}
	if done := v.press(f); done.status != http.StatusSeeOther || len(moneyBack(y, p.ID)) != 1 {
		t.Errorf("the console's own form: HTTP %d", done.status)
	}
}

// TestTheConsoleShowsWhatATokenMay: without a token nothing, with the scope read no button, and what has no button is refused.
func TestTheConsoleShowsWhatATokenMay(t *testing.T) {
	t.Parallel()
	var lines string
	for token, scopes := range map[string]string{"reads": "read", "gives": "read write", "decides": "read write operator"} {
		for scope := range strings.FieldsSeq(scopes) {
			lines += hashed(scope, token)
		}
	}
	file := tokensFile(t, lines)
	y, _ := startSystem(t, t.TempDir(), env(map[string]string{"API_TOKENS_FILE": file}))
	p := sold(t, y, 1)
	nobody := visit(t, y.URL, "en")
	nobody.sees(nobody.open("/console/payments/"+p.ID), http.StatusUnauthorized, "Token")
	signIn := nobody.form(nobody.open("/console/"), "/login")
	nobody.sees(nobody.press(signIn, "token", "guessed"), http.StatusUnauthorized, "not known here")

	for token, may := range map[string]struct{ give, decide bool }{"reads": {}, "gives": {give: true}, "decides": {true, true}} {
		v := visit(t, y.URL, "en")
		in := v.press(v.form(v.open("/console/payments/"+p.ID), "/login"), "token", token)
		if in.location != "/console/payments/"+p.ID || strings.Contains(in.header.Get("Set-Cookie"), "HttpOnly") == false || !strings.Contains(in.header.Get("Set-Cookie"), "SameSite=Strict") {
			t.Fatalf("%s: HTTP %d %s %v", token, in.status, in.location, in.header)
		}
		shown := v.open(in.location)
		v.sees(shown, http.StatusOK, "TRY 100.00", "Sign out")
		if strings.Contains(shown.html, "give-back") != may.give || strings.Contains(shown.html, token) {
			t.Errorf("%s sees the button: %t", token, !may.give)
		}
		form := v.open("/console/payments/" + p.ID + "/give-back")
		if day := v.open("/console/days"); strings.Contains(day.html, "/close\"") != may.decide {
			t.Errorf("%s may close a day: %t", token, !may.decide)
		}
		if (form.status == http.StatusOK) != may.give {
			t.Errorf("%s: the form: HTTP %d", token, form.status)
		}
		if token == "reads" {
			sent := v.press(v.form(shown, "/logout"), "key", "console-"+strings.Repeat("0", 40), "what", "full")
			if sent.location != "/console/" {
				t.Errorf("sign out leads to %s", sent.location)
			}
			v.sees(v.open("/console/"), http.StatusUnauthorized, "Token")
		}
	}
	// A reader who makes up the form is refused by the API.
	v := visit(t, y.URL, "en")
	v.press(v.form(v.open("/console/"), "/login"), "token", "reads")
	made := v.form(v.open("/console/"), "/logout")
	made.action = "/console/payments/" + p.ID + "/give-back"
	if refused := v.press(made, "key", "console-"+strings.Repeat("0", 40), "what", "full"); refused.status != http.StatusForbidden {
		t.Errorf("HTTP %d\n%s", refused.status, ownPart(refused.html))
	}
	if back := moneyBack(y, p.ID); len(back) != 0 {
		t.Fatalf("iyzico's book: %v", back)
	}
}

// TestAPersonDecidesAtTheConsole: what waits is listed, the evidence stands beside the decision, and what the API refuses is said.
func TestAPersonDecidesAtTheConsole(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	p := sold(t, y, 1)
	asked := mustCall(t, http.MethodPost, y.URL+"/refunds", "k1", `{"paymentId":"`+p.ID+`","destination":"balance","reference":"order-5"}`)
	op := read[struct{ ID, RedirectURL string }](t, asked.body)
	v := visit(t, y.URL, "en")
	v.sees(v.open("/console/waiting"), http.StatusOK, "waits for customer", "order-5", "Look and decide", op.ID)
	shown := v.open("/console/waiting/" + op.ID)
	v.sees(shown, http.StatusOK, "What is known", "Your decision", "TRY 100.00 are free again", "the customer's link at iyzico may still work")
	for _, at := range []string{"/console/waiting/" + op.ID, "/console/operations/" + op.ID, "/console/payments/" + p.ID, "/console/waiting", "/console/events"} {
		if op.RedirectURL == "" || strings.Contains(v.open(at).html, op.RedirectURL[strings.LastIndex(op.RedirectURL, "/"):]) {
			t.Errorf("%s shows the customer's own address %q", at, op.RedirectURL)
		}
	}
	f := v.form(shown, "/waiting/"+op.ID)
	v.sees(v.press(f, "decision", "succeeded", "reason", "the panel shows it", "by", "a name with blanks"), http.StatusBadRequest, "Your decision was not recorded", "the panel shows it")
	done := v.press(f, "decision", "not_executed", "reason", "the customer gave up", "by", "ops-7")
	v.sees(v.open(done.location), http.StatusOK, "Your decision was recorded", "expired", "A person decided")
	v.sees(v.press(f, "decision", "succeeded", "reason", "r", "by", "ops-7"), http.StatusUnprocessableEntity, "Your decision was not recorded", "does not wait for this decision")
	v.sees(v.open("/console/waiting"), http.StatusOK, "Nothing waits")
}

// TestFinanceExportsAndClosesAtTheConsole: the days' pages, and files that hold what the API gives.
func TestFinanceExportsAndClosesAtTheConsole(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	p := sold(t, y, 1)
	id := read[struct{ ID string }](t, mustCall(t, http.MethodPost, y.URL+"/refunds", "k1", `{"paymentId":"`+p.ID+`","amount":"12.50"}`).body).ID
	inJournal(t, y, id)
	v := visit(t, y.URL, "en")
	file := v.open("/console/operations.csv?status=succeeded")
	if !strings.HasPrefix(file.header.Get("Content-Type"), "text/csv") || !strings.Contains(file.header.Get("Content-Disposition"), "attachment") || strings.Count(file.html, "\n") != 2 || !strings.Contains(file.html, id+",") {
		t.Errorf("%v\n%s", file.header, file.html)
	}
	v.sees(v.open("/console/operations.csv?status=lost"), http.StatusBadRequest, "The request is not valid", "status")
	days := v.open("/console/days")
	closed := v.press(v.form(days, "/close"))
	v.sees(v.open(closed.location), http.StatusOK, "The day was closed", "closed")
	if shown := v.open("/console/days"); strings.Contains(shown.html, "is not closed") {
		t.Errorf("yesterday is closed, and the page says it is not:\n%s", ownPart(shown.html))
	}
	v.sees(v.open("/console/"), http.StatusOK, "Last day closed", "closed")
	rows := v.open(strings.TrimSuffix(closed.location, "?did=closed") + "/rows.csv")
	if !strings.HasPrefix(rows.html, "kind,paymentId,") {
		t.Errorf("%s", rows.html)
	}
}

// TestTodayShowsTheSwitchAndTheLimits: what is used of them, and that new money is off.
func TestTodayShowsTheSwitchAndTheLimits(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), env(map[string]string{"MAX_REFUND_AMOUNT_PER_DAY": "TRY:100", "MAX_REFUNDS_PER_HOUR": "20"}))
	p := sold(t, y, 1)
	mustCall(t, http.MethodPost, y.URL+"/refunds", "k1", `{"paymentId":"`+p.ID+`","amount":"80.00"}`)
	v := visit(t, y.URL, "en")
	v.sees(v.open("/console/"), http.StatusOK, ">on<", "80%", "TRY 80.00 / TRY 100.00", "1 / 20")
	other := sold(t, y, 1)
	over := v.open(v.open("/console/payments/"+other.ID+"/give-back").at + "&what=full")
	v.sees(over, http.StatusUnprocessableEntity, "A limit of your own on new money is reached; nothing was sent")
	if back := moneyBack(y, other.ID); len(back) != 0 {
		t.Errorf("iyzico's book: %v", back)
	}

	y, _ = startSystem(t, t.TempDir(), env(map[string]string{"NEW_MONEY": "off", "NEW_MONEY_REASON": "a try"}))
	v = visit(t, y.URL, "tr")
	v.sees(v.open("/console/"), http.StatusOK, "kapalı: yeni bir şey geri verilmez")
}

// TestTheLaboratory: each button makes the fake do what it says, and iade's book stands beside iyzico's.
func TestTheLaboratory(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), none)
	v := visit(t, y.URL, "en")
	lab := v.open("/console/laboratory")
	v.sees(lab, http.StatusOK, "Choose a payment", "10000001", "Lose the next answer")
	doing := func(what string, typed ...string) page {
		t.Helper()
		p := v.press(v.form(v.open("/console/laboratory?payment=10000001"), "/laboratory"), append([]string{"do", what}, typed...)...)
		if p.status == http.StatusSeeOther {
			p = v.open(p.location)
		}
		return p
	}
	v.sees(doing("lose"), http.StatusOK, "its answer will get lost", "Waiting: reset-after (*)")
	mustCall(t, http.MethodPost, y.URL+"/refunds", "k1", `{"paymentId":"10000001","amount":"1.00"}`)
	eventually(t, "the lost answer is found in the report", func() bool {
		shown := v.open("/console/laboratory?payment=10000001")
		return strings.Contains(shown.html, "executed") && strings.Contains(shown.html, ">done<")
	})
	v.sees(doing("panel", "line", "20000001", "amount", "2,50"), http.StatusOK, "somebody refunded in iyzico's panel", "the panel", "TRY 2.50")
	v.sees(v.open("/console/laboratory"), http.StatusOK, "Money moved on these", "TRY 2.50")
	v.sees(doing("panel", "line", "20000001", "amount", "1.234"), http.StatusBadRequest, "could be read in two ways")
	v.sees(doing("panel", "line", "20000001", "amount", "999"), http.StatusConflict, "iyzico refused")
	v.sees(doing("lag"), http.StatusOK, "The report lags")
	for _, told := range []string{"hideEntries", "dropLine", "duplicatePayment", "emptyEntries", "noDates", "upperCaseIds", "staleMs", "refundStatus"} {
		v.sees(doing("lie", "lie", told), http.StatusOK, "The report lies:")
	}
	v.sees(doing("lie", "lie", "nothing"), http.StatusBadRequest, "There is no such experiment")
	honest := doing("honest")
	if v.sees(honest, http.StatusOK, "honestly again"); strings.Contains(honest.html, "The report lies") || strings.Contains(honest.html, "The report lags") {
		t.Errorf("it lies on:\n%s", ownPart(honest.html))
	}
	v.sees(doing("notice"), http.StatusOK, "sent a signed notice")
	sold := doing("sell")
	if v.sees(sold, http.StatusOK, "a customer paid", "TRY 200.00"); strings.Contains(sold.at, "payment=10000001&") {
		t.Errorf("it leads to %s", sold.at)
	}
}

// TestThePageOfARefundSaysWhoPays, where the caller said so.
func TestThePageOfARefundSaysWhoPays(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), env(map[string]string{"MARKETPLACE": "on"}))
	p := sold(t, y, 1)
	charged := read[struct{ ID string }](t, mustCall(t, http.MethodPost, y.URL+"/refunds", "k1", `{"paymentId":"`+p.ID+`","amount":"12.50","chargedTo":"merchant"}`).body).ID
	other := read[struct{ ID string }](t, mustCall(t, http.MethodPost, y.URL+"/refunds", "k2", `{"paymentId":"`+p.ID+`","amount":"1.50"}`).body).ID
	for lang, says := range map[string]string{"en": "the merchant, not the seller", "tr": "satıcı değil, üye iş yeri"} {
		v := visit(t, y.URL, lang)
		v.sees(v.open("/console/operations/"+charged), http.StatusOK, says)
		if shown := v.open("/console/operations/" + other); strings.Contains(shown.html, says) {
			t.Errorf("of a refund that is not: %s", shown.html)
		}
	}
}

// TestTheLargestPagesStaySmall: a basket of 100 lines, all refunded, and more operations than one page has.
func TestTheLargestPagesStaySmall(t *testing.T) {
	t.Parallel()
	y, _ := startSystem(t, t.TempDir(), busy)
	settings := y.Fake.Settings()
	settings.RatePerMinute = 0
	if err := y.Fake.SetSettings(settings); err != nil {
		t.Fatal(err)
	}
	p := sold(t, y, 100)
	for i := range 25 {
		mustCall(t, http.MethodPost, y.URL+"/refunds", fmt.Sprint("part-", i), `{"paymentId":"`+p.ID+`","paymentTransactionId":"`+p.Lines[i].PaymentTransactionID+`","amount":"1.50","reference":"`+strings.Repeat("ğ", 100)+`"}`)
	}
	whole := read[struct{ ID string }](t, mustCall(t, http.MethodPost, y.URL+"/refunds", "whole", `{"paymentId":"`+p.ID+`","full":true}`).body).ID
	if len(moneyBack(y, p.ID)) < 100 {
		t.Fatalf("%d movements", len(moneyBack(y, p.ID)))
	}
	inJournal(t, y, whole)
	for _, lang := range []string{"en", "tr"} {
		v := visit(t, y.URL, lang)
		for _, at := range []string{
			"/console/", "/console/payments/" + p.ID, "/console/payments/" + p.ID + "?skip=20", "/console/operations/" + whole, "/console/operations?paymentId=" + p.ID,
			"/console/events", "/console/payments/" + p.ID + "/give-back", "/console/laboratory?payment=" + p.ID, "/console/search?q=" + url.QueryEscape(strings.Repeat("ğ", 100)),
		} {
			shown := v.open(at)
			v.sees(shown, http.StatusOK)
			t.Logf("%s %s: %d bytes", lang, strings.ReplaceAll(at, p.ID, "…"), len(shown.html))
		}
	}
}
