package payment_test

import (
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// TestAWholeRefundMayBeCarriedOutAsACancel: iyzico does so with a refund of the whole payment on its day, under our own id.
func TestAWholeRefundMayBeCarriedOutAsACancel(t *testing.T) {
	t.Parallel()
	id := conversation("k", 1)
	whole := allocated(refund("k", "10.21"), payment.AllocateByIyzico)
	for name, v := range map[string]payment.Verdict{"answered": succeeded, "lost": lost} {
		s := newStory(t, "0.30599401", "9.90400599").ask(whole).answer(v).pass(time.Minute).listsCancel(id, 1).read()
		s.is("k", payment.StatusSucceeded).sums("10.21", "0.00", "0.00")
		op, totals := s.op("k"), s.account.Totals()
		if op.Alarmed || len(s.account.Foreign) != 0 || totals.Status() != payment.PaymentRefunded || totals.Lines[1].RefundedAmount.String() != "9.90" {
			t.Errorf("%s: alarmed %v, foreign %v, %s, %+v", name, op.Alarmed, s.account.Foreign, totals.Status(), totals.Lines)
		}
		if due := s.account.DueAt(); !due.IsZero() {
			t.Errorf("%s: due at %v", name, due)
		}
	}
	line := newStory(t, "10").ask(refund("k", "10")).answer(lost).pass(time.Minute).listsCancel(id, 1).read()
	line.is("k", payment.StatusSucceeded).sums("10.00", "0.00", "0.00")
	part := newStory(t, "10").ask(refund("k", "9")).answer(lost).pass(time.Minute).listsCancel(id, 1)
	part.over = true
	part.read().is("k", payment.StatusNeedsReview) // a cancel takes more than was asked for
}

func TestSumsOfPartsAreComparedWithinAHair(t *testing.T) {
	t.Parallel()
	id := conversation("k", 1)
	for second, want := range map[string]payment.Status{
		"7.90400599": payment.StatusSucceeded, "7.904005989999999": payment.StatusSucceeded, "7.904": payment.StatusUnknown, "7.9041": payment.StatusNeedsReview,
	} {
		s := newStory(t, "0.30599401", "9.90400599").ask(allocated(refund("k", "8.21"), payment.AllocateByIyzico)).answer(lost).pass(time.Minute)
		s.lists(id, "1", "0.30599401", 1).lists(id, "2", second, 1).read().is("k", want)
	}
}

// TestARefundOfTheWholePaymentThatIsListedUnderEachLineMovedOnce: one refundTxId is one refund.
func TestARefundOfTheWholePaymentThatIsListedUnderEachLineMovedOnce(t *testing.T) {
	t.Parallel()
	id := conversation("k", 1)
	over := func(amounts ...string) *story {
		s := newStory(t, "100", "100", "100").ask(allocated(refund("k", "30"), payment.AllocateByIyzico)).answer(lost).pass(time.Minute)
		for i, sum := range amounts {
			s.lists(id, lineID(i), sum, 1)
			s.iyzico.Entries[i].TxID = "5661001"
		}
		return s.read()
	}
	over("30", "30", "30").is("k", payment.StatusSucceeded).sums("30.00", "0.00", "210.00") // on which line is not said
	over("10", "10", "10").is("k", payment.StatusSucceeded).sums("30.00", "0.00", "270.00")
	over("15", "10", "5").is("k", payment.StatusSucceeded).sums("30.00", "0.00", "270.00")
	over("30", "30", "29").is("k", payment.StatusNeedsReview)
}

func TestAPanelRefundOverSeveralLinesCountsOnEach(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100", "100")
	s.panel("5661001", "1", "10", -time.Hour).panel("5661001", "2", "20", -time.Hour)
	s.ask(onLine(refund("k", "80"), "2")).sums("30.00", "80.00", "90.00")
}

// TestOurOwnRefundThatTheReportShowsWithoutItsIDCountsOnce: iyzico's report may leave conversation ids out.
func TestOurOwnRefundThatTheReportShowsWithoutItsIDCountsOnce(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "30")).answer(succeeded).pass(2*time.Second).lists("", "1", "30", 1)
	before := s.account
	s.pass(time.Hour).ask(full("rest")).sums("30.00", "70.00", "0.00").answer(succeeded).sums("100.00", "0.00", "0.00")
	if alarms := payment.Alarms(before, s.account); len(alarms) != 0 {
		t.Errorf("alarms %+v", alarms)
	}
	s.lists("", "1", "70", 1).pass(time.Minute).read().sums("100.00", "0.00", "0.00")

	two := newStory(t, "100").ask(refund("k", "30")).answer(succeeded).pass(2*time.Second).lists("", "1", "30", 1).lists("", "1", "30", 1)
	two.pass(time.Hour).read().sums("60.00", "0.00", "40.00") // the other one is not ours

	shown := newStory(t, "100").ask(refund("k", "30")).answer(succeeded).pass(2*time.Second).lists("", "1", "30", 1)
	shown.read().sums("30.00", "0.00", "70.00").lists(conversation("k", 1), "1", "30", 1).read().sums("60.00", "0.00", "40.00") // so the first was not ours

	for name, change := range map[string]func(*payment.Entry){
		"another amount":  func(e *payment.Entry) { e.Amount = amount("29.99") },
		"another line":    func(e *payment.Entry) { e.LineID = "2" },
		"long after":      func(e *payment.Entry) { e.CreatedAt = e.CreatedAt.Add(10 * time.Minute) },
		"a stranger's id": func(e *payment.Entry) { e.ConversationID = "shop-refund-77" },
	} {
		other := newStory(t, "100", "100").ask(onLine(refund("k", "30"), "1")).answer(succeeded).pass(2*time.Second).lists("", "1", "30", 1)
		change(&other.iyzico.Entries[0])
		other.pass(time.Hour).read()
		if got := other.account.Totals().RefundedAmount.String(); got != "60.00" && got != "59.99" {
			t.Errorf("%s: refunded %s", name, got)
		}
	}
	upper := newStory(t, "100").ask(refund("k", "30")).answer(succeeded).pass(2*time.Second).lists("RF_"+conversation("k", 1)[3:], "1", "30", 1)
	upper.pass(time.Hour).read().sums("30.00", "0.00", "70.00")
	split := newStory(t, "20", "40").ask(allocated(refund("k", "30"), payment.AllocateByIyzico)).answer(succeeded).pass(2 * time.Second)
	split.lists("", "1", "20", 1).lists("", "2", "10", 1).pass(time.Hour).read()
	if got := split.account.Totals().RefundedAmount.String(); got != "30.00" {
		t.Errorf("split: refunded %s", got)
	}
}

// TestAnotherOperationsHiddenRefundIsNoRiddle: what a refund that succeeded explains says nothing about one whose answer was lost.
func TestAnotherOperationsHiddenRefundIsNoRiddle(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("a", "30")).answer(succeeded).ask(refund("k", "10")).answer(lost)
	s.lists("", "1", "30", 1).absent().is("k", payment.StatusNotExecuted).sums("30.00", "0.00", "70.00")
}

// TestALineThatTheFirstReportLeftOutIsMadeGood: a later report that is whole brings it.
func TestALineThatTheFirstReportLeftOutIsMadeGood(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100", "60")
	lines := s.iyzico.Lines
	s.iyzico.PaidAmount, s.iyzico.Lines = amount("160"), lines[:1]
	s.ask(onLine(refund("a", "10"), "1")).answer(succeeded)
	s.ask(onLine(refund("b", "60"), "2")).refused(payment.CodeLineNotFound)
	s.iyzico.Lines = lines
	s.lists(conversation("a", 1), "1", "10", 1)
	s.ask(onLine(refund("b", "60"), "2")).sent(conversation("b", 1)).answer(succeeded).sums("70.00", "0.00", "90.00")
	s.reads = 0
	if s.ask(onLine(refund("c", "1"), "1")); s.reads != 0 {
		t.Error("lines that sum to what was paid are read again")
	}
	s.answer(succeeded)
	s.iyzico.Lines = lines[1:]
	s.read().sums("71.00", "0.00", "89.00") // a line that is known does not go
}

// TestAPanelRefundOfJustBeforeIsNotTheLostOne: its date says so, now that dates are read as what they are.
func TestAPanelRefundOfJustBeforeIsNotTheLostOne(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("first", "1")).answer(succeeded).lists(conversation("first", 1), "1", "1", 1).pass(time.Hour)
	s.panel("panel", "1", "5", 0).pass(4 * time.Second)
	s.ask(refund("k", "10")).answer(lost).absent().is("k", payment.StatusNotExecuted).sums("6.00", "0.00", "94.00")
	undated := newStory(t, "100").ask(refund("k", "10")).answer(lost).panel("panel", "1", "5", -time.Hour)
	undated.iyzico.Entries[0].CreatedAt = time.Time{}
	undated.pass(time.Minute).read().is("k", payment.StatusNeedsReview)
}

func TestAnIDThatIyzicoShowedOnceAndHidesLaterCountsOnce(t *testing.T) {
	t.Parallel()
	hidden := func(s *story, strangers ...payment.Entry) *story {
		for i := range s.iyzico.Entries {
			s.iyzico.Entries[i].ConversationID = ""
		}
		s.iyzico.Entries = append(s.iyzico.Entries, strangers...)
		return s.pass(2 * time.Hour).read()
	}
	stranger := payment.Entry{TxID: "panel", LineID: "1", Amount: amount("30"), Status: 1, CreatedAt: opening.Add(time.Second)}

	one := func() *story {
		return newStory(t, "100").ask(refund("k", "30")).answer(succeeded).lists(conversation("k", 1), "1", "30", 1).read()
	}
	hidden(one()).sums("30.00", "0.00", "70.00")
	hidden(one(), stranger).sums("60.00", "0.00", "40.00")

	v2 := func() *story {
		s := newStory(t, "20", "20", "20").ask(allocated(refund("k", "30"), payment.AllocateByIyzico)).answer(succeeded)
		return s.lists(conversation("k", 1), "1", "20", 1).lists(conversation("k", 1), "2", "10", 1).read()
	}
	hidden(v2()).sums("30.00", "0.00", "30.00")
	stranger.LineID, stranger.Amount = "3", amount("10")
	hidden(v2(), stranger).sums("40.00", "0.00", "20.00")
	stranger.LineID = "2" // like one of the parts
	hidden(v2(), stranger).sums("40.00", "0.00", "20.00")

	cancelled := newStory(t, "100").ask(cancel("k")).answer(succeeded).listsCancel(conversation("k", 1), 1).read()
	hidden(cancelled).sums("100.00", "0.00", "0.00")
}
