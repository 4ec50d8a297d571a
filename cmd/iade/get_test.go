package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/words"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// has fails for each part that a text lacks.
func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in\n%s", part, text)
		}
	}
}

// sellFor adds a payment with one line of that price in minor units.
func (s *system) sellFor(t *testing.T, minor int64) string {
	t.Helper()
	p, err := s.fake.Ledger().AddPayment(iyzicotest.PaymentSpec{Lines: []iyzicotest.LineSpec{{PaidPrice: decimal.New(minor, -2)}}})
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

func TestARefundIsToldInBothLanguages(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	paid := s.sellFor(t, 300000)
	id := s.refund(t, "k1", `{"paymentId":"`+paid+`","amount":"1250.00","reference":"order-7"}`)

	code, out, errOut := iade(t, s.url, none, "get", id, "-json")
	var op payment.Resource
	if err := json.Unmarshal([]byte(out), &op); err != nil || code != exitDone || errOut != "" || op.Amount != "1250.00" || op.CustomerReference == "" {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errOut)
	}
	code, out, _ = iade(t, s.url, none, "get", id)
	has(t, out, id, "done (succeeded)", "TRY 1,250.00", "order-7", "Tell the customer: We gave TRY 1,250.00 back to your card on",
		"a few days. If you", "give your bank this reference: "+op.CustomerReference)
	if code != exitDone || strings.Contains(out, "\x1b") {
		t.Errorf("exit %d, or colours where there is no terminal:\n%s", code, out)
	}
	_, out, _ = iade(t, s.url, none, "get", "-lang", "tr", id)
	has(t, out, "tamamlandı", "kartınıza 1.250,00 TL iade ettik", "birkaç gün sürer. Göremezseniz", op.CustomerReference)

	_, out, _ = iade(t, s.url, func(name string) string { return map[string]string{"LANG": "tr_TR.UTF-8"}[name] }, "get", paid)
	has(t, out, "kısmen iade edildi", "3.000,00 TL", "1.750,00 TL", id)
	_, out, _ = iade(t, s.url, none, "history", id)
	has(t, out, "begins →", "→ done", "a request on this machine", "attempt: "+id+"-1", "iyzico's signature was verified")
	_, out, _ = iade(t, s.url, none, "history", id, "-json")
	has(t, out, `{"changes":[{"at":"`)
}

// TestWhatIsNotKnownIsNeverCalledDone: the answer is lost and the report cannot be read.
func TestWhatIsNotKnownIsNeverCalledDone(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	paid := s.sell(t)
	s.refund(t, "k0", `{"paymentId":"`+paid+`","amount":"2.00"}`) // iade knows the payment from now on
	scriptFault(t, s, `{"path":"/payment/refund","mode":"reset-after"}`)
	scriptFault(t, s, `{"path":"/v2/reporting/payment/details","mode":"status-500-before","times":0}`)
	other := s.refund(t, "k1", `{"paymentId":"`+paid+`","amount":"1.00"}`)
	_, out, _ := iade(t, s.url, none, "get", other)
	has(t, out, "not known yet (unknown)", "may or may not have moved", "Do not refund it again", "We are checking")
	if strings.Contains(out, "We gave") {
		t.Errorf("the customer is told that money moved:\n%s", out)
	}
	if code, _, errOut := iade(t, s.url, none, "check", other); code != exitNoAnswer || !strings.Contains(errOut, "(unavailable)") {
		t.Errorf("exit %d: %s", code, errOut)
	}
	code, _, errOut := iade(t, s.url, none, "resolve", other, "-decision", "not_executed", "-reason", "it is not in the panel", "-by", "ops-7")
	if code == exitDone || !strings.Contains(errOut, "unavailable") && !strings.Contains(errOut, "not-resolvable") {
		t.Errorf("exit %d: %s", code, errOut)
	}
	if code, _, errOut := iade(t, s.url, none, "list", "-status", "lost"); code != exitSomeNot || !strings.Contains(errOut, "status: must be") {
		t.Errorf("exit %d: %s", code, errOut)
	}
	clearFaults(t, s)
	if code, out, errOut := iade(t, s.url, none, "check", other); code != exitDone || !strings.Contains(out, "We gave TRY 1.00 back") {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
}

func TestADecisionIsSentAsItWasMade(t *testing.T) {
	t.Parallel()
	api, id := "", "rf_10000001_abcdefghijklmnop"
	bodies := make(chan string, 1)
	api = recorded(t, bodies, `{"id":"`+id+`","kind":"refund","status":"not_executed","createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z"}`)
	code, out, _ := iade(t, api, none, "resolve", "-by", "ops-7", id, "-decision", "not_executed", "-reason", `the panel "shows" nothing`)
	if sent := <-bodies; code != exitDone || sent != `POST /operations/`+id+`/resolution {"decision":"not_executed","reason":"the panel \"shows\" nothing","by":"ops-7"}` {
		t.Errorf("exit %d, sent %s", code, sent)
	}
	has(t, out, "proved that no money moved")
	for _, args := range [][]string{
		{"resolve", id, "-decision", "maybe", "-reason", "r", "-by", "b"}, {"resolve", id, "-decision", "succeeded", "-by", "b"},
		{"resolve", id, "-decision", "succeeded", "-reason", "r"}, {"resolve", "-decision", "succeeded", "-reason", "r", "-by", "b"},
		{"check", "10000001"}, {"check", "rf_1/../../x"}, {"history", "RF_1"}, {"get", "order-7"}, {"get", id, id}, {"get", id, "-lang", "de"},
	} {
		code, _, errOut := iade(t, api, none, args...)
		if code != exitBadFile || !strings.Contains(errOut, "nothing was sent") {
			t.Errorf("%q: exit %d: %s", args, code, errOut)
		}
		select {
		case sent := <-bodies:
			t.Errorf("%q sent %s", args, sent)
		default:
		}
	}
}

// TestEveryStatusSaysWhatBecameOfTheMoney: in both languages, and a status that is newer than this program is unknown.
func TestEveryStatusSaysWhatBecameOfTheMoney(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 5, 22, 30, 0, 0, time.UTC)
	for _, kind := range []payment.Kind{payment.KindRefund, payment.KindBalanceRefund, payment.KindCancel, payment.KindFundPayment, "reversal"} {
		for _, status := range append(payment.Statuses(), "newer") {
			for _, l := range []language{english, turkish} {
				k := &call{lang: l}
				op := &payment.Resource{ID: "rf_1_a", Kind: kind, Status: status, RefundedAmount: "1.00", Amount: "2.00", Currency: "TRY", SettledAt: at, UpdatedAt: at}
				told := strings.Join(k.tell(op, at.Add(72*time.Hour)), "\n")
				moved := strings.Contains(told, "We gave") || strings.Contains(told, "iade ettik") || strings.Contains(told, "iptal ettik") ||
					strings.Contains(told, "We cancelled") || strings.Contains(told, "was received") || strings.Contains(told, "tarihinde alındı")
				if want := status == payment.StatusSucceeded || status == payment.StatusPartiallySucceeded; moved != want {
					t.Errorf("%s %s: money moved is said: %t\n%s", kind, status, moved, told)
				}
				if strings.HasSuffix(told, ": ") || strings.HasSuffix(told, ":") {
					t.Errorf("%s %s says nothing to the customer:\n%s", kind, status, told)
				}
				if status == "newer" {
					has(t, told, text{"outcome for unknown", "sonucu bilinmiyor sayın"}.In(l))
				}
			}
		}
	}
	// 22:30 UTC is the next day in Istanbul.
	k := &call{lang: turkish}
	op := &payment.Resource{Kind: payment.KindRefund, Status: payment.StatusSucceeded, RefundedAmount: "1.00", Currency: "TRY", SettledAt: at}
	has(t, strings.Join(k.tell(op, at.Add(72*time.Hour)), "\n"), "06.01.2026 tarihinde", "3 gün geçti")
}

// TestTextsOfOthersStayText: what a caller or iyzico wrote must not move a terminal's cursor.
func TestTextsOfOthersStayText(t *testing.T) {
	t.Parallel()
	k := &call{lang: english}
	op := &payment.Resource{ID: "rf_1_a", Kind: payment.KindRefund, Status: payment.StatusRejected, Reference: "a\x1b[2Jb\u202ec",
		Error: &payment.ErrorView{Code: "10051", Message: "x\r\ny"}}
	told := strings.Join(k.tell(op, time.Now()), "|")
	if strings.ContainsAny(told, "\x1b\r\n\u202e") || !strings.Contains(told, "a [2Jb c") {
		t.Errorf("%q", told)
	}
}

func TestAmountsAreWrittenAsTheLanguageDoes(t *testing.T) {
	t.Parallel()
	for amount, want := range map[string][2]string{
		"0.00": {"TRY 0.00", "0,00 TL"}, "999.90": {"TRY 999.90", "999,90 TL"}, "1000": {"TRY 1,000", "1.000 TL"},
		"1234567.89": {"TRY 1,234,567.89", "1.234.567,89 TL"}, "33.33333333": {"TRY 33.33333333", "33,33333333 TL"}, "1,5": {"1,5 TRY", "1,5 TRY"}, "": {"", ""},
	} {
		if got := [2]string{english.Amount(amount, "TRY"), turkish.Amount(amount, "TRY")}; got != want {
			t.Errorf("%s: %q", amount, got)
		}
	}
}

// TestWhoPaysForARefundIsTold, where the caller said so.
func TestWhoPaysForARefundIsTold(t *testing.T) {
	t.Parallel()
	op := payment.Resource{ID: "rf_10000001_aaaaaaaaaaaaaaaa", Kind: payment.KindRefund, Status: payment.StatusSucceeded, Amount: "1.00", RefundedAmount: "1.00", Currency: "TRY"}
	for lang, want := range map[language]string{words.English: "the merchant, not the seller", words.Turkish: "satıcı değil, üye iş yeri"} {
		k := &call{lang: lang}
		if told := strings.Join(k.tell(&op, time.Now()), "\n"); strings.Contains(told, want) {
			t.Errorf("told of every refund:\n%s", told)
		}
		charged := op
		charged.ChargedTo = payment.ChargedToMerchant
		has(t, strings.Join(k.tell(&charged, time.Now()), "\n"), want)
	}
}
