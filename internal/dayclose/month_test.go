package dayclose_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/need"
)

// TestAMonthOf100000RefundsIsClosedWithExactlyThePlantedDifferences: through the domain as it is deployed, with an iyzico that
// keeps books of its own. Beside what must be named there is much that must not be: lost answers, cancels, refunds over several
// lines, and answers that came a day later than iyzico's row.
func TestAMonthOf100000RefundsIsClosedWithExactlyThePlantedDifferences(t *testing.T) {
	t.Parallel()
	refunds := 100_000
	if !need.Minutes() {
		refunds = 10_000
	}
	const days, planted = 30, 50
	w := newWorld(t)
	var want []string
	plant := func(kind dayclose.DifferenceKind, p, theirs, ours string) {
		want = append(want, fmt.Sprintf("%s %s %s %s", kind, p, theirs, ours))
	}
	settled, moved, number := 0, 0, 0
	every := refunds / planted
	for day := range days {
		start := monday.AddDate(0, 0, day)
		perDay := refunds / days
		if day == days-1 {
			perDay = refunds - number
		}
		for i := range perDay {
			w.now = start.Add(time.Duration(i) * 14 * time.Hour / time.Duration(perDay))
			p := w.sell("30.00", "20.00")
			line := w.reports[p].Lines[0].ID
			c := payment.Command{PaymentID: p, LineID: line, Amount: try("10.00")}
			w.send = nil
			moved++
			switch {
			case number%every == 0 && number/every < planted:
				switch (number / every) % 5 {
				case 0: // a panel refund beside ours
					w.ask(c)
					w.books(p, line, "", false, fmt.Sprint("7", p), try("5.00"), w.now.Add(time.Hour))
					plant(dayclose.OnlyAtIyzico, p, "5.00", "")
				case 1: // a payment that iade never saw
					moved--
					w.books(p, line, "", false, fmt.Sprint("7", p), try("6.00"), w.now)
					plant(dayclose.OnlyAtIyzico, p, "6.00", "")
				case 2: // iyzico says that it did it, and did not
					w.send = func(c payment.Call) payment.Answered {
						return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded}
					}
					w.ask(c)
					plant(dayclose.OnlyHere, p, "", "10.00")
				case 3: // it did another amount
					w.send = func(c payment.Call) payment.Answered {
						w.books(c.PaymentID, c.LineID, c.ConversationID, false, fmt.Sprint("7", p), try("9.00"), w.now)
						return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded}
					}
					w.ask(c)
					plant(dayclose.AmountDiffers, p, "9.00", "10.00")
				case 4: // it did it twice
					w.send = func(c payment.Call) payment.Answered {
						w.execute(c)
						w.execute(c)
						return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded}
					}
					w.ask(c)
					plant(dayclose.AmountDiffers, p, "20.00", "10.00")
				}
			case number%1000 == 7: // the answer is lost: the close settles it
				w.send = w.lost(true)
				w.ask(c)
				settled++
			case number%1000 == 8:
				w.ask(payment.Command{Kind: payment.KindCancel, PaymentID: p})
			case number%1000 == 9:
				w.ask(payment.Command{PaymentID: p, Amount: try("40.00"), Allocation: payment.AllocateByIyzico})
			case number%1000 == 10: // iyzico dates it before midnight, the answer comes after
				w.now = payment.DayOf(w.now).Start().Add(24*time.Hour - time.Second)
				w.send = func(c payment.Call) payment.Answered {
					w.execute(c)
					w.now = w.now.Add(2 * time.Second)
					return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded}
				}
				w.ask(c)
			default:
				w.ask(c)
			}
			number++
		}
		w.now = start
	}
	var got []string
	began, confirmed := time.Now(), 0
	for day := range days + 1 {
		w.now = monday.AddDate(0, 0, day).Add(24 * time.Hour)
		d := w.close(payment.DayOf(monday.AddDate(0, 0, day)))
		got = append(got, named(d)...)
		settled -= len(d.Settled)
		for _, sums := range d.Iade {
			confirmed += sums["TRY"].Count
		}
		if (len(d.Differences) > 0) != (d.Status == dayclose.StatusDiffers) || d.DifferenceCount != len(d.Differences) {
			t.Errorf("%s is %s with %d differences", d.Date, d.Status, d.DifferenceCount)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	for i := range want {
		want[i] = trimmed(want[i])
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != planted {
		t.Errorf("%d differences (- planted, + named):\n%s", len(got), diff)
	}
	if settled != 0 || confirmed != moved {
		t.Errorf("%d lost answers were not settled; %d movements counted of %d", settled, confirmed, moved)
	}
	t.Logf("%d refunds, %d pages, %d reports; closed in %s", number, w.pageReads, w.reads, time.Since(began).Round(time.Millisecond))
}

func trimmed(s string) string {
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}
