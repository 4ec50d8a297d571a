package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/words"
)

func TestAnAmountIsReadInOneWayOrNotAtAll(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"10": "10.00", " 10 ": "10.00", "10,5": "10.50", "10.5": "10.50", "1234,50": "1234.50", "1.234,50": "1234.50", "1,234.50": "1234.50", "1.234.567,89": "1234567.89",
		"0.01": "0.01", "1.234": "", "1,234": "", "1.234,567": "", "12.34,56": "", "1,23,4.5": "", "0": "", "0,00": "", "-1": "", "+1": "", "1e3": "", "": "", "ten": "",
		"1 000": "", "1'000": "", "10.": "", ".5": "", "1.2345": "", "9999999999999": "",
	} {
		if got, ok := typedAmount(typed); got != want || ok != (want != "") {
			t.Errorf("%q is read as %q, %t", typed, got, ok)
		}
	}
}

// TestAKeyStandsForThePaymentAsItIsSeen: the same for who sees the same, another one once something was given back.
func TestAKeyStandsForThePaymentAsItIsSeen(t *testing.T) {
	t.Parallel()
	payment := func(change func(*Payment)) string {
		p := &Payment{PaymentID: "10000001", RefundedAmount: "1.00", ReservedAmount: "0.00", Operations: []Operation{{ID: "rf_10000001_b", Status: "succeeded"}, {ID: "rf_10000001_a", Status: "unknown"}}}
		change(p)
		return keyOf(p)
	}
	drawn := payment(func(*Payment) {})
	if !keyPattern.MatchString(drawn) {
		t.Errorf("%q", drawn)
	}
	for what, same := range map[string]func(*Payment){
		"read again":    func(p *Payment) { p.ReadAt = time.Unix(1, 0) },
		"another order": func(p *Payment) { p.Operations[0], p.Operations[1] = p.Operations[1], p.Operations[0] },
		"one that was not sent": func(p *Payment) {
			p.Operations = append(p.Operations, Operation{ID: "rf_10000001_c", Status: "not_sent"})
		},
		"another reader's words": func(p *Payment) { p.Lines = []Line{{ItemID: "x"}} },
	} {
		if payment(same) != drawn {
			t.Errorf("%s changes the key", what)
		}
	}
	for what, other := range map[string]func(*Payment){
		"another payment": func(p *Payment) { p.PaymentID = "10000002" },
		"another operation": func(p *Payment) {
			p.Operations = append(p.Operations, Operation{ID: "rf_10000001_c", Status: "rejected"})
		},
		"one that was settled": func(p *Payment) { p.Operations[1].Status = "not_executed" },
		"a refund past iade":   func(p *Payment) { p.RefundedAmount = "2.00" },
		"something reserved":   func(p *Payment) { p.ReservedAmount = "2.00" },
	} {
		if payment(other) == drawn {
			t.Errorf("%s leaves the key", what)
		}
	}
}

func TestTheLanguageIsTheChosenOneOrTheBrowsers(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]words.Language{
		"": "en", "tr": "tr", "tr-TR,tr;q=0.9,en;q=0.8": "tr", "en-GB,tr;q=0.5": "en", "de, tr;q=0.3": "tr", "de": "en", "tr;q=0, en": "en", "tr;q=x": "en",
	} {
		r := httptest.NewRequest("GET", "/console/", nil)
		r.Header.Set("Accept-Language", accept)
		if got := languageOf(r); got != want {
			t.Errorf("%q: %s", accept, got)
		}
		r.Header.Set("Cookie", languageCookie+"=tr")
		if got := languageOf(r); got != words.Turkish {
			t.Errorf("%q, Turkish was chosen: %s", accept, got)
		}
	}
}

// TestEveryWayBackIsOfTheConsole: an address out of a form or a query leads nowhere else.
func TestEveryWayBackIsOfTheConsole(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/console/payments/1?skip=20": "/console/payments/1?skip=20", "//evil.example/console/": Root, "https://evil.example/console/": Root, "/": Root, "": Root,
		"/console/\\evil": Root, "/consolex": Root, "/console/\r\nX: y": Root,
	} {
		if got := ownPath(path); got != want {
			t.Errorf("%q leads to %q", path, got)
		}
	}
}

// TestAnUnfinishedStatusThatIsNewerIsOpen, and nothing that this program does not know is called done.
func TestAnUnfinishedStatusThatIsNewerIsOpen(t *testing.T) {
	t.Parallel()
	op := Operation{Status: "newer"}
	if !op.Open() || tone(op.Status) != "open" {
		t.Errorf("open %t, %s", op.Open(), tone(op.Status))
	}
	for _, l := range []words.Language{words.English, words.Turkish} {
		said, known := words.StatusOf("newer")
		if got := orNewer(said.Do, known, l); got != words.Newer.In(l) {
			t.Errorf("%q", got)
		}
	}
}

// TestWeeksBeginOnMonday in Istanbul, where a day may have begun already.
func TestWeeksBeginOnMonday(t *testing.T) {
	t.Parallel()
	for now, want := range map[string][2]string{
		"2026-01-11T20:59:00Z": {"2025-12-29", "2026-01-04"}, // Sunday evening
		"2026-01-11T21:01:00Z": {"2026-01-05", "2026-01-11"}, // Monday in Istanbul
		"2026-01-14T12:00:00Z": {"2026-01-05", "2026-01-11"},
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		last := periods(at)[3]
		if got := [2]string{last.From, last.To}; got != want {
			t.Errorf("%s: last week is %v, not %v", now, got, want)
		}
	}
}

// TestWhoAskedTooFastIsToldHowLongToWait: people see no header.
func TestWhoAskedTooFastIsToldHowLongToWait(t *testing.T) {
	t.Parallel()
	no := &Refusal{Status: http.StatusTooManyRequests, Type: words.ProblemPrefix + "rate-limited", RetryAfter: 41 * time.Second}
	for l, want := range map[words.Language]string{words.English: "in 41 seconds", words.Turkish: "41 saniye sonra"} {
		if said := no.Todo(l); !strings.Contains(said, want) || strings.Contains(said, "Retry-After") {
			t.Errorf("%s: %s", l, said)
		}
	}
}
