package payment_test

import (
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// TestAnEntryThatGetsItsIDBackCountsOnce: a report without our ids makes our own refund look like a stranger's. Once a report
// shows the id, the entry is the refund again, and the payment shows what moved.
func TestAnEntryThatGetsItsIDBackCountsOnce(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).pass(window)
	s.lists("", "1", "10", 1).read().is("k", payment.StatusNeedsReview)
	s.iyzico.Entries[0].ConversationID = conversation("k", 1)
	s.pass(window).read().is("k", payment.StatusSucceeded).sums("10.00", "0.00", "90.00")
}

// TestALookAfterANoThatCannotBeReadBacksOff: a report that proves nothing is not read again in every pass of two days.
func TestALookAfterANoThatCannotBeReadBacksOff(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(payment.VerdictRejected)
	s.iyzico.Defects = []string{"it is listed twice"}
	s.now = s.account.DueAt()
	for i := range 4 {
		before := s.now
		s.read()
		s.now = s.account.DueAt()
		if waited, least := s.now.Sub(before), time.Minute<<i; waited < least {
			t.Fatalf("after %d reads that prove nothing it is due after %s", i+1, waited)
		}
	}
}

// TestNothingIsTakenWholeFromAReportThatLacksALine: which lines are meant, and how much they are, is not known then.
func TestNothingIsTakenWholeFromAReportThatLacksALine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]payment.Command{
		"a cancel": cancel("k"), "all that is left": full("k"), "an amount without its line": refund("k", "10"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "60", "40")
			lines := s.iyzico.Lines
			s.iyzico.Lines, s.iyzico.PaidAmount = lines[:1], amount("100")
			c.LineID = ""
			s.ask(c).refused(payment.CodeUnavailable)
			s.iyzico.Lines = lines
			if s.ask(c); name != "an amount without its line" && s.call == nil {
				t.Error("it is not sent once the report is whole")
			}
		})
	}
}

// TestAFundPaymentWaitsForAllItsLines: the account of the payment that it made is opened from them.
func TestAFundPaymentWaitsForAllItsLines(t *testing.T) {
	t.Parallel()
	s := newFundStory(t).answer(lost).pass(time.Minute)
	s.shows(func(r *payment.Report) { r.Lines = []payment.Line{{ID: "1", PaidAmount: amount("20")}} }).read().is("k", payment.StatusUnknown)
	s.shows(nil).pass(window/4).read().is("k", payment.StatusSucceeded)
}
