package payment_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// lostRefund is a refund of 10 of one line of 100 whose answer was lost at once.
func lostRefund(t *testing.T) *story {
	t.Helper()
	return newStory(t, "100").ask(refund("k", "10")).answer(lost)
}

func TestPositiveEvidenceSettlesAtOnce(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).lists(conversation("k", 1), "1", "10", 1).read().is("k", payment.StatusSucceeded).sums("10.00", "0.00", "90.00")
	if leg := s.op("k").Legs[0]; leg.Proof.RefundTxID != "txA" || leg.Proof.AuthCode != "auth" || leg.Proof.HostReference != "bank" || leg.Failure != nil {
		t.Errorf("leg %+v", leg)
	}
	if due := s.account.DueAt(); !due.IsZero() {
		t.Errorf("due at %v", due)
	}

	s = lostRefund(t).lists(conversation("k", 1), "1", "10.00000000", 1).lists(conversation("k", 1), "1", "10", 0)
	s.read().is("k", payment.StatusSucceeded) // a failed entry beside it says nothing

	s = newStory(t, "100").ask(refund("k", "10")).pass(20 * time.Second) // the process died: nobody answered
	s.lists(conversation("k", 1), "1", "10", 1).read().is("k", payment.StatusSucceeded)
}

func TestAnAttemptIsNotJudgedBeforeItsDeadline(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).lists(conversation("k", 1), "1", "10", 1)
	s.saved0(func() { s.read() }).is("k", payment.StatusProcessing, sending)
}

// An answer may be lost long before the deadline. The request may still be on its way then, so a read shows nothing.
func TestAReadBeforeTheDeadlineIsNoAbsence(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(lost).pass(19 * time.Second)
	s.saved0(func() { s.read() }).pass(time.Second).saved(1, func() { s.read() })
}

// failure 23: the rules alone
func TestAbsenceNeedsThreeReadsAQuarterApartTheLastAfterTheWindow(t *testing.T) {
	t.Parallel()
	const q = window / 4
	deadline := 20 * time.Second // of the attempt, after acceptance
	for name, tc := range map[string]struct {
		reads []time.Duration // after the attempt's deadline
		saves []int64         // by each
		want  payment.State
	}{
		"as designed":                      {[]time.Duration{0, q, 4 * q}, []int64{1, 1, 2}, ended},
		"all after the window":             {[]time.Duration{4 * q, 5 * q, 6 * q}, []int64{1, 1, 2}, ended},
		"a moment before the window's end": {[]time.Duration{0, q, 4*q - 1}, []int64{1, 1, 1}, unknown},
		"two reads":                        {[]time.Duration{q, 4 * q}, []int64{1, 1}, unknown},
		"many before the window's end":     {[]time.Duration{0, q, 2 * q, 3 * q}, []int64{1, 1, 1, 1}, unknown},
		"a late first read":                {[]time.Duration{4 * q}, []int64{1}, unknown},
		"the second too close":             {[]time.Duration{0, q - 1, 4 * q}, []int64{1, 0, 1}, unknown},
		"the last too close":               {[]time.Duration{0, 4*q - 1, 4 * q}, []int64{1, 1, 0}, unknown},
		"close ones in between":            {[]time.Duration{0, 1, q, q + 1, 4 * q}, []int64{1, 0, 1, 0, 2}, ended},
		"before the attempt's deadline":    {[]time.Duration{-1, q, 4 * q}, []int64{0, 1, 1}, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := lostRefund(t)
			for i, at := range tc.reads {
				s.now = opening.Add(deadline + at)
				old := s.account
				s.saved(tc.saves[i], func() { s.read() })
				if changes := payment.Changes(old, s.account); s.op("k").Status() == payment.StatusUnknown && len(changes) > 0 {
					t.Errorf("a counting read is no event: %+v", changes)
				}
			}
			s.is("k", tc.want.Status(), tc.want)
			if due := s.account.DueAt(); tc.want == unknown && due.After(s.now.Add(window)) {
				t.Errorf("due %v after the read", due.Sub(s.now))
			}
		})
	}
}

func TestReconcileReachesAbsenceByItself(t *testing.T) {
	t.Parallel()
	s := lostRefund(t)
	reads := 0
	for s.op("k").Status() == payment.StatusUnknown {
		s.now = s.account.DueAt()
		s.read()
		reads++
		if reads > 5 {
			t.Fatal("the due times lead nowhere")
		}
	}
	s.is("k", payment.StatusNotExecuted).sums("0.00", "0.00", "100.00")
	if took := s.now.Sub(opening); took > window+window/4+time.Minute {
		t.Errorf("it took %v and %d reads", took, reads)
	}
}

func TestAFailedReadSavesNothingButWhenTheNextIsDue(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).pass(20 * time.Second).read()
	leg := s.op("k").Legs[0]
	for wait := time.Duration(0); s.now.Before(opening.Add(10 * window)); {
		s.now = s.account.DueAt()
		s.saved(1, func() { s.unreadable() })
		last := wait
		if wait = s.account.DueAt().Sub(s.now); wait < last || wait > time.Hour {
			t.Fatalf("waits %v after %v", wait, last)
		}
		s.saved0(func() { s.unreadable() }) // nothing is due
		if got := s.op("k").Legs[0]; !reflect.DeepEqual(got, leg) {
			t.Fatalf("a failed read changed more than the next due time: %+v", got)
		}
	}
	s.is("k", payment.StatusUnknown).read().read().is("k", payment.StatusUnknown).pass(window/4).read().is("k", payment.StatusNotExecuted)
}

func TestAReportThatDoesNotListThePaymentIsNoAbsence(t *testing.T) {
	t.Parallel()
	s := lostRefund(t)
	s.iyzico.Listed = false
	for range 10 {
		s.pass(window / 2).read()
	}
	s.is("k", payment.StatusUnknown)
	if n := s.op("k").Legs[0].Absences; n != 0 {
		t.Errorf("%d absences", n)
	}
}

func TestWhatCannotBeExplainedNeedsReviewAndKeepsItsReservation(t *testing.T) {
	t.Parallel()
	id := conversation("k", 1)
	for name, tc := range map[string]struct {
		lists    func(s *story)
		reserved string
	}{
		"our id, not done":              {func(s *story) { s.lists(id, "1", "10", 0) }, "10.00"},
		"our id, a status to come":      {func(s *story) { s.lists(id, "1", "10", 7) }, "10.00"},
		"our id, too much":              {func(s *story) { s.lists(id, "1", "10.01", 1) }, "10.00"},
		"our id, twice":                 {func(s *story) { s.lists(id, "1", "10", 1).lists(id, "1", "10", 1) }, "10.00"},
		"our id, another line":          {func(s *story) { s.lists(id, "2", "10", 1) }, "10.00"},
		"our id, a cancel":              {func(s *story) { s.listsCancel(id, 1) }, "0.00"},
		"no id, our amount":             {func(s *story) { s.lists("", "1", "10", 1) }, "10.00"},
		"a stranger's id, other amount": {func(s *story) { s.lists("panel", "2", "3", 1) }, "10.00"},
		"no id, failed":                 {func(s *story) { s.lists("", "1", "10", 0) }, "10.00"},
		"a cancel":                      {func(s *story) { s.listsCancel("", 1) }, "0.00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "100").ask(onLine(refund("k", "10"), "1")).answer(lost)
			tc.lists(s.pass(time.Minute))
			s.saved(1, func() { s.read() }).is("k", payment.StatusNeedsReview)
			if got := s.account.Totals().ReservedAmount.String(); got != tc.reserved {
				t.Errorf("reserved %s", got)
			}
			if due := s.account.DueAt(); !due.Equal(s.now.Add(time.Hour)) {
				t.Errorf("read again after %v", due.Sub(s.now))
			}
		})
	}
}

func TestAShortSumWaitsForTheWindowsEnd(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).lists(conversation("k", 1), "1", "4", 1).pass(20 * time.Second)
	for range 3 {
		s.read().is("k", payment.StatusUnknown).pass(window / 4)
	}
	s.pass(window/4-time.Nanosecond).read().is("k", payment.StatusUnknown)
	s.pass(time.Nanosecond).read().is("k", payment.StatusNeedsReview).sums("0.00", "10.00", "90.00")
	s.lists(conversation("k", 1), "1", "6", 1).pass(time.Hour).read().is("k", payment.StatusSucceeded) // the rest came late
}

func TestAnOlderForeignEntryOnlyCorrectsTheTotals(t *testing.T) {
	t.Parallel()
	for name, lists := range map[string]func(s *story){
		"in an earlier snapshot":                  func(s *story) {},
		"made long before, reported late":         func(s *story) { s.panel("tx-late", "1", "5", -time.Hour) },
		"made before, iyzico's clock is correct":  func(s *story) { s.panel("tx-late", "1", "5", -2*time.Minute) },
		"made before, by a clock that runs ahead": func(s *story) { s.iyzico.Skew = time.Hour; s.panel("tx-late", "1", "5", -2*time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100").panel("tx-first", "1", "7", time.Hour) // as if written in Istanbul wall time
			s.ask(refund("k", "10")).answer(lost)
			lists(s)
			s.absent().is("k", payment.StatusNotExecuted)
			want := "7.00"
			if len(s.iyzico.Entries) == 2 {
				want = "12.00"
			}
			if got := s.account.Totals().RefundedAmount.String(); got != want {
				t.Errorf("refunded %s, want %s", got, want)
			}
		})
	}
}

// panel adds a refund in iyzico's panel whose time is that much after the acceptance of what was asked for last.
func (s *story) panel(txID, line, sum string, after time.Duration) *story {
	s.iyzico.Entries = append(s.iyzico.Entries, payment.Entry{
		TxID: txID, LineID: line, Amount: amount(sum), Status: 1, CreatedAt: s.now.Add(after),
	})
	return s
}

// failure 19: the rules alone
func TestAnEntryByAClockThatIsBehindIsNotOlder(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).panel("tx", "1", "10", -time.Hour)
	s.iyzico.Skew = -time.Hour
	s.pass(time.Minute).read().is("k", payment.StatusNeedsReview)
}

func TestOperationsDoNotTakeEachOthersEntriesForUnexplained(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("a", "10")).answer(lost).ask(refund("b", "10")).answer(lost).ask(refund("c", "10")).answer(succeeded)
	s.lists(conversation("b", 1), "1", "10", 1).lists(conversation("c", 1), "1", "10", 1)
	s.absent().is("a", payment.StatusNotExecuted).is("b", payment.StatusSucceeded).sums("20.00", "0.00", "80.00")
}

func TestRefundV2IsFoundOnWhateverLine(t *testing.T) {
	t.Parallel()
	c := allocated(refund("k", "30"), payment.AllocateByIyzico)
	id := conversation("k", 1)
	start := func() *story { return newStory(t, "20", "40").ask(c).answer(lost).sums("0.00", "30.00", "10.00") }

	start().lists(id, "2", "30", 1).read().is("k", payment.StatusSucceeded).sums("30.00", "0.00", "30.00")

	s := start().lists(id, "1", "20", 1).read().is("k", payment.StatusUnknown)
	s.lists(id, "2", "10", 1).read().is("k", payment.StatusSucceeded).sums("30.00", "0.00", "30.00")
	lines := s.account.Totals().Lines
	if lines[0].RefundedAmount.String() != "20.00" || lines[1].RefundedAmount.String() != "10.00" {
		t.Errorf("lines %+v", lines)
	}
	if due := s.account.DueAt(); !due.IsZero() {
		t.Errorf("due at %v", due)
	}

	start().lists(id, "1", "20", 1).absent().is("k", payment.StatusNeedsReview)
	start().lists(id, "1", "20", 1).lists(id, "2", "10.01", 1).read().is("k", payment.StatusNeedsReview)
}

func TestASucceededV2RefundIsDueUntilItsLineIsKnown(t *testing.T) {
	t.Parallel()
	s := newStory(t, "20", "40").ask(allocated(refund("k", "15"), payment.AllocateByIyzico)).answer(succeeded)
	s.is("k", payment.StatusSucceeded).sums("15.00", "0.00", "30.00") // 5 + 25: against every line
	last := s.now
	for range 6 {
		due := s.account.DueAt()
		if due.IsZero() || !due.After(last) || due.After(last.Add(24*time.Hour)) {
			t.Fatalf("due at %v, read at %v", due, last)
		}
		s.now, last = due, due
		s.read()
	}
	if e := s.ask(onLine(refund("other", "5.01"), "1")).refused(payment.CodeExceedsRefundable); e.Refundable.String() != "5.00" {
		t.Errorf("refundable of line 1: %s", e.Refundable)
	}
	s.lists(conversation("k", 1), "2", "15", 1).read().sums("15.00", "0.00", "45.00")
	if due := s.account.DueAt(); !due.IsZero() {
		t.Errorf("due at %v", due)
	}
	view := s.op("k").Resource(paymentID)
	if view.PaymentTransactionID != "2" || view.Legs[0].PaymentTransactionID != "2" || view.Iyzico.RefundTxID != "txA" {
		t.Errorf("resource %+v", view)
	}
}

func TestACancelSettlesByItsEntryWhateverItsPrice(t *testing.T) {
	t.Parallel()
	id := payment.ConversationID(cancel("k").OperationID(), 1)
	s := newStory(t, "10", "20").ask(cancel("k")).answer(lost).sums("0.00", "30.00", "0.00").listsCancel(id, 1)
	s.iyzico.Entries[0].Amount = amount("29.99")
	s.read().is("k", payment.StatusSucceeded).sums("30.00", "0.00", "0.00")

	newStory(t, "10").ask(cancel("k")).answer(lost).listsCancel(id, 0).read().is("k", payment.StatusNeedsReview)
	newStory(t, "10").ask(cancel("k")).answer(lost).lists(id, "1", "10", 1).read().is("k", payment.StatusSucceeded) // listed as a refund
	newStory(t, "10").ask(cancel("k")).answer(lost).lists(id, "1", "10.01", 1).read().is("k", payment.StatusNeedsReview)
	newStory(t, "10").ask(cancel("k")).answer(lost).absent().is("k", payment.StatusNotExecuted).sums("0.00", "0.00", "10.00")
}

func TestADayWithoutAReportNeedsReview(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).pass(20*time.Second + 24*time.Hour - time.Nanosecond)
	s.unreadable().is("k", payment.StatusUnknown)
	s.pass(time.Nanosecond).saved(1, func() { s.unreadable() }).is("k", payment.StatusNeedsReview).sums("0.00", "10.00", "90.00")

	s = lostRefund(t)
	s.iyzico.Listed = false
	s.pass(25*time.Hour).read().is("k", payment.StatusNeedsReview) // a report without the payment is no report

	s = lostRefund(t).pass(23 * time.Hour).read()
	s.pass(2*time.Hour).unreadable().is("k", payment.StatusUnknown) // it was readable two hours ago
	s.pass(23*time.Hour).unreadable().is("k", payment.StatusNeedsReview)
}

func TestNeedsReviewIsReadHourlyForADayThenDaily(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(*story){
		"readable": func(s *story) { s.read() }, "unreadable": func(s *story) { s.unreadable() },
	} {
		s := lostRefund(t).lists(conversation("k", 1), "1", "10", 0).pass(time.Minute).read().is("k", payment.StatusNeedsReview)
		entered := s.now
		for i := 1; i <= 24; i++ {
			if due := s.account.DueAt(); !due.Equal(entered.Add(time.Duration(i) * time.Hour)) {
				t.Fatalf("%s: due %v after entering", name, due.Sub(entered))
			}
			s.now = s.account.DueAt()
			read(s)
		}
		for i := 2; i <= 4; i++ {
			if due := s.account.DueAt(); !due.Equal(entered.Add(time.Duration(i) * 24 * time.Hour)) {
				t.Fatalf("%s: due %v after entering", name, due.Sub(entered))
			}
			s.now = s.account.DueAt()
			read(s)
		}
		s.iyzico.Entries[0].Status = 1
		s.read().is("k", payment.StatusSucceeded)
	}
}

func TestADefiniteNoIsLookedAtAgainAfterAnHourADayAndThree(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*story){
		"rejected":     func(s *story) { s.answer(rejected) },
		"not executed": func(s *story) { s.answer(lost).absent() },
	} {
		s := newStory(t, "100").ask(refund("k", "10"))
		end(s)
		ended := s.now
		for _, after := range []time.Duration{time.Hour, 24 * time.Hour, 72 * time.Hour} {
			if due := s.account.DueAt(); !due.Equal(ended.Add(after)) {
				t.Fatalf("%s: due %v after the end", name, due.Sub(ended))
			}
			s.now = ended.Add(after - time.Minute)
			s.saved0(func() { s.read() })
			s.now = ended.Add(after)
			s.unreadable().saved(1, func() { s.read() })
		}
		if due := s.account.DueAt(); !due.IsZero() {
			t.Errorf("%s: due at %v", name, due)
		}
	}
}

func TestAFollowUpIsGivenUpAfterTwoUnreadableDays(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(rejected).pass(121 * time.Hour).unreadable()
	if due := s.account.DueAt(); !due.IsZero() {
		t.Errorf("due at %v", due)
	}
	s.is("k", payment.StatusRejected)
}

func TestEvidenceAgainstADefiniteNoNeedsAPerson(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*story){
		"rejected":     func(s *story) { s.answer(rejected) },
		"not executed": func(s *story) { s.answer(lost).absent() },
		"not sent":     func(s *story) { s.answer(notSent) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100").ask(refund("k", "10"))
			end(s)
			old := s.account
			s.lists(conversation("k", 1), "1", "10", 1).pass(time.Hour).saved(1, func() { s.read() })
			s.is("k", payment.StatusNeedsReview).sums("10.00", "0.00", "90.00")
			if op := s.op("k"); !op.Alarmed || op.Legs[0].Proof.RefundTxID != "txA" || op.Resource(paymentID).RefundedAmount != "10.00" {
				t.Errorf("operation %+v", op)
			}
			if changes := payment.Changes(old, s.account); len(changes) != 1 || changes[0].DetailType != "refund.needs_review" {
				t.Errorf("changes %+v", changes)
			}
			for range 3 {
				s.pass(24*time.Hour).read().is("k", payment.StatusNeedsReview).sums("10.00", "0.00", "90.00")
			}
			s.resolve("k", payment.DecideNotExecuted).refused(payment.CodeNotResolvable)
			s.resolve("k", payment.DecideSucceeded).silent().is("k", payment.StatusSucceeded).sums("10.00", "0.00", "90.00")
		})
	}
}

func TestAFailedEntryConfirmsADefiniteNo(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(rejected).lists(conversation("k", 1), "1", "10", 0)
	s.failed().saved0(func() { s.read() }).is("k", payment.StatusRejected)
	if s.op("k").Alarmed {
		t.Error("alarmed")
	}
}

func TestAContradictionToASuccessAlarmsAndChangesNothing(t *testing.T) {
	t.Parallel()
	id := conversation("k", 1)
	for name, tc := range map[string]struct {
		lists   func(*story)
		alarmed bool
	}{
		"listed as done":    {func(s *story) { s.lists(id, "1", "10", 1) }, false},
		"not listed":        {func(*story) {}, false},
		"failed and done":   {func(s *story) { s.lists(id, "1", "10", 0).lists(id, "1", "10", 1) }, false},
		"listed as failed":  {func(s *story) { s.lists(id, "1", "10", 0) }, true},
		"on another line":   {func(s *story) { s.lists(id, "2", "10", 1) }, true},
		"of another amount": {func(s *story) { s.lists(id, "1", "9", 1) }, true},
		"twice":             {func(s *story) { s.lists(id, "1", "10", 1).lists(id, "1", "10", 1) }, true},
	} {
		s := newStory(t, "100", "100").ask(onLine(refund("k", "10"), "1")).answer(succeeded)
		tc.lists(s)
		s.pass(time.Minute).read().is("k", payment.StatusSucceeded)
		if s.op("k").Alarmed != tc.alarmed {
			t.Errorf("%s: alarmed %v", name, s.op("k").Alarmed)
		}
	}
}

func TestForeignEntriesAreCountedOnceAndNeverForgotten(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(lost)
	s.lists("", "1", "20", 1).lists("panel", "1", "5", 0).read().sums("20.00", "10.00", "70.00")
	s.read().read().sums("20.00", "10.00", "70.00")
	entries := slices.Clone(s.iyzico.Entries)
	s.iyzico.Entries = nil // a stale report
	s.read().sums("20.00", "10.00", "70.00")
	s.iyzico.Entries = entries
	s.iyzico.Entries[1].Status = 1
	s.read().sums("25.00", "10.00", "65.00")
	s.iyzico.Entries[0].Status = 0
	s.read().sums("25.00", "10.00", "65.00")
}

func TestEntriesWithoutATxIDAreToldApart(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").lists("", "1", "1", 1).pass(time.Second).lists("", "1", "1", 1).lists("", "1", "2", 1)
	for i := range s.iyzico.Entries {
		s.iyzico.Entries[i].TxID = ""
	}
	s.ask(refund("k", "10")).sums("4.00", "10.00", "86.00")
}

func TestACancelAndARefundOfTheSameTxIDAreTwoEntries(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").lists("", "1", "1", 1).listsCancel("", 0)
	s.iyzico.Entries[1].TxID = s.iyzico.Entries[0].TxID
	s.ask(refund("k", "10")).sums("1.00", "10.00", "89.00")
	s.iyzico.Entries[1].Status = 1
	s.read().sums("100.00", "0.00", "0.00")
}

func TestAStrangersConversationIDIsNotOurs(t *testing.T) {
	t.Parallel()
	id := refund("k", "10").OperationID()
	for _, stranger := range []string{"", "-", "-1", id, id + "-", id + "-0", id + "--1", id + "-x", id + "-01x", "x-" + id} {
		s := newStory(t, "100").ask(refund("k", "10")).answer(lost).lists(stranger, "1", "10", 1).pass(time.Minute)
		if s.read(); s.op("k").Status() == payment.StatusSucceeded {
			t.Errorf("%q settled %s", stranger, id)
		}
	}
}

func TestSettlingSeveralLegsEndsTheOperation(t *testing.T) {
	t.Parallel()
	s := three(t).answer(succeeded).answer(lost).lists(conversation("k", 1), "1", "10", 1).lists(conversation("k", 2), "2", "20", 1)
	s.read().is("k", payment.StatusPartiallySucceeded, done, done, ended).sums("30.00", "0.00", "30.00")
	s = three(t).answer(succeeded).answer(lost).lists(conversation("k", 1), "1", "10", 1)
	s.absent().is("k", payment.StatusPartiallySucceeded, done, ended, ended).sums("10.00", "0.00", "50.00")
}

func TestAmountsOfTheReportAreComparedByValue(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).lists(conversation("k", 1), "1", "1", 1)
	s.iyzico.Entries[0].Amount = money.New(amount("10").Decimal().Shift(3).Shift(-3), money.TRY)
	s.read().is("k", payment.StatusSucceeded)
}

func TestAPartOfTheAmountBreaksOffAbsence(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).pass(20 * time.Second).read().pass(window / 4).read() // two reads that list nothing
	s.lists(conversation("k", 1), "1", "4", 1).pass(window / 4).read()
	s.iyzico.Entries = nil
	s.pass(window).read().pass(window/4).read().is("k", payment.StatusUnknown)
	s.pass(window/4).read().is("k", payment.StatusNotExecuted)
}
