package payment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// TestWhatCannotProveAbsenceProvesNothing: the money may have moved, and each report leaves that open in another way. None of
// them counts, and after a day a person must look.
func TestWhatCannotProveAbsenceProvesNothing(t *testing.T) {
	t.Parallel()
	id := conversation("k", 1)
	entry := func(s *story) *payment.Entry { return &s.iyzico.Entries[len(s.iyzico.Entries)-1] }
	older := func(s *story) *story { return s.panel("p", "2", "5", -time.Hour) }
	for name, change := range map[string]func(s *story){
		"a defect that the adapter saw":           func(s *story) { s.iyzico.Defects = []string{"refunds is null"} },
		"more than one payment":                   func(s *story) { s.iyzico.Ambiguous = true },
		"partly refunded, and nothing listed":     func(s *story) { s.iyzico.RefundStatus = payment.PartiallyRefunded },
		"totally refunded, and no cancel listed":  func(s *story) { s.iyzico.RefundStatus = payment.TotallyRefunded },
		"not refunded, and something listed":      func(s *story) { older(s).iyzico.RefundStatus = payment.NotRefunded },
		"a word that nobody knows":                func(s *story) { s.iyzico.RefundStatus = "REFUNDED" },
		"a line is missing":                       func(s *story) { s.iyzico.Lines = s.iyzico.Lines[:1]; s.iyzico.PaidAmount = amount("100") },
		"a line is missing, and the sum shows it": func(s *story) { s.iyzico.PaidAmount = amount("200"); s.iyzico.Lines = s.iyzico.Lines[:1] },
		"a line twice":                            func(s *story) { s.iyzico.Lines = append(s.iyzico.Lines, s.iyzico.Lines[0]) },
		"lines that do not sum to what was paid":  func(s *story) { s.iyzico.PaidAmount = amount("200.01") },
		"an entry without an id":                  func(s *story) { older(s); entry(s).TxID = "" },
		"an entry without an amount":              func(s *story) { older(s); entry(s).Amount = amount("0") },
		"an entry on a line that is none":         func(s *story) { older(s); entry(s).LineID = "77" },
		"an entry twice":                          func(s *story) { older(s); s.iyzico.Entries = append(s.iyzico.Entries, *entry(s)) },
		"one refund under two lines": func(s *story) {
			older(s).panel("p", "1", "5", -time.Hour)
		},
		"our attempt, failed":       func(s *story) { s.lists(id, "1", "10", 0).failed() },
		"our id in upper case":      func(s *story) { older(s); entry(s).ConversationID = strings.ToUpper(id) },
		"our id with blanks":        func(s *story) { older(s); entry(s).ConversationID = " " + id + " " },
		"our id cut at the end":     func(s *story) { older(s); entry(s).ConversationID = id[:len(id)-3] },
		"our id cut at the start":   func(s *story) { older(s); entry(s).ConversationID = id[3:] },
		"our id after a prefix":     func(s *story) { older(s); entry(s).ConversationID = "iyzico/" + id },
		"our operation's id alone":  func(s *story) { older(s); entry(s).ConversationID = id[:len(id)-2] },
		"our id without its dashes": func(s *story) { older(s); entry(s).ConversationID = strings.NewReplacer("_", "", "-", "").Replace(id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100", "100").ask(onLine(refund("k", "10"), "1")).answer(lost)
			change(s)
			s.over = true // a line that is listed twice
			for end := opening.Add(24*time.Hour + 20*time.Second); s.account.DueAt().Before(end); {
				s.now = s.account.DueAt()
				s.read().is("k", payment.StatusUnknown)
				if leg := s.op("k").Legs[0]; leg.Absences != 0 {
					t.Fatalf("%d absences counted", leg.Absences)
				}
			}
			s.now = s.account.DueAt()
			s.read().is("k", payment.StatusNeedsReview)
			if got := s.account.Totals().ReservedAmount.String(); got != "10.00" {
				t.Errorf("reserved %s", got)
			}
		})
	}
}

// TestAStaleReportIsNoAbsence: by iyzico's own clock it may be from before the attempt.
func TestAStaleReportIsNoAbsence(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		system func(now time.Time) time.Time
		counts int // at most
	}{
		"no time at all":              {func(time.Time) time.Time { return time.Time{} }, 0},
		"from before the deadline":    {func(time.Time) time.Time { return opening.Add(19 * time.Second) }, 0},
		"a clock that is days behind": {func(now time.Time) time.Time { return now.Add(-72 * time.Hour) }, 0},
		"one and the same":            {func(time.Time) time.Time { return opening.Add(window) }, 1},
		"of before the window's end":  {func(now time.Time) time.Time { return opening.Add(time.Minute + now.Sub(opening)/100) }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := lostRefund(t)
			for range 40 {
				s.now = s.account.DueAt()
				report := s.report()
				report.SystemTime = tc.system(s.now)
				if s.decide(payment.Observed{Report: report}).days(); s.op("k").Status() != payment.StatusUnknown {
					break
				}
				if n := s.op("k").Legs[0].Absences; n > tc.counts {
					t.Fatalf("%d reads counted", n)
				}
			}
			s.is("k", payment.StatusNeedsReview)
		})
	}
	behind := lostRefund(t) // by a minute: that costs a minute
	for behind.op("k").Status() == payment.StatusUnknown {
		behind.now = behind.account.DueAt()
		report := behind.report()
		report.SystemTime = behind.now.Add(-time.Minute)
		behind.decide(payment.Observed{Report: report}).days()
	}
	behind.is("k", payment.StatusNotExecuted)
}

// readsAgree brings the reports' part of the proof: what is missing are the day lists.
func readsAgree(s *story) *story {
	for _, wait := range []time.Duration{20 * time.Second, window / 2, window / 2} {
		s.pass(wait).decide(payment.Observed{Report: s.report()})
	}
	if len(s.account.DaysNeeded(s.now)) == 0 {
		s.t.Fatal("no day list is needed")
	}
	return s.is("k", payment.StatusUnknown)
}

func TestTheDayListHasTheLastWord(t *testing.T) {
	t.Parallel()
	id := conversation("k", 1)
	row := func(conversationID, line, sum string, after time.Duration) payment.DayRow {
		return payment.DayRow{
			Kind: payment.DayRowRefund, TransactionID: "3723001", PaymentID: paymentID, LineID: line, ConversationID: conversationID,
			Amount: amount(sum), At: opening.Add(after),
		}
	}
	zero := 0
	for name, tc := range map[string]struct {
		rows []payment.DayRow
		want payment.State
	}{
		"it knows nothing of the payment":    {[]payment.DayRow{}, ended},
		"another payment's row":              {[]payment.DayRow{{Kind: payment.DayRowRefund, PaymentID: "9", LineID: "1", Amount: amount("10"), At: opening}}, ended},
		"the payment's own row":              {[]payment.DayRow{{Kind: payment.DayRowPayment, PaymentID: paymentID, LineID: "1", Amount: amount("100"), At: opening}}, ended},
		"an older refund in the panel":       {[]payment.DayRow{row("", "1", "10", -time.Hour)}, ended},
		"our attempt":                        {[]payment.DayRow{row(id, "1", "10", time.Second)}, done},
		"our attempt, on another line":       {[]payment.DayRow{row(id, "2", "10", time.Second)}, review},
		"our attempt, more":                  {[]payment.DayRow{row(id, "1", "11", time.Second)}, review},
		"our attempt, with a status":         {[]payment.DayRow{func() payment.DayRow { r := row(id, "1", "10", time.Second); r.Status = &zero; return r }()}, review},
		"our attempt in upper case":          {[]payment.DayRow{row(strings.ToUpper(id), "1", "10", -time.Hour)}, review},
		"a refund that nothing explains":     {[]payment.DayRow{row("", "2", "3", time.Second)}, review},
		"a refund without a date":            {[]payment.DayRow{func() payment.DayRow { r := row("", "2", "3", 0); r.At = time.Time{}; return r }()}, review},
		"a cancel that nothing explains":     {[]payment.DayRow{{Kind: payment.DayRowCancel, PaymentID: paymentID, LineID: "1", Amount: amount("100"), At: opening}}, review},
		"a row of a kind that nobody knows":  {[]payment.DayRow{{Kind: "chargeback", PaymentID: paymentID, LineID: "1", Amount: amount("10"), At: opening}}, review},
		"our whole payment, cancelled by us": {[]payment.DayRow{func() payment.DayRow { r := row(id, "1", "10", time.Second); r.Kind = payment.DayRowCancel; return r }()}, done},
		"a row in another currency, ours": {[]payment.DayRow{func() payment.DayRow {
			r := row(id, "1", "10", 0)
			r.Amount = money.New(r.Amount.Decimal(), money.EUR)
			return r
		}()}, review},
		"our attempt over two rows, by a hair": {[]payment.DayRow{row(id, "1", "4.00000001", time.Second), row(id, "1", "5.99999999", time.Second)}, done},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := readsAgree(newStory(t, "100", "50").ask(onLine(refund("k", "10"), "1")).answer(lost))
			s.rows = tc.rows
			s.days().is("k", tc.want.Status(), tc.want)
		})
	}
}

func TestAListOfTheWrongDayOrTimeIsNoProof(t *testing.T) {
	t.Parallel()
	s := readsAgree(lostRefund(t))
	if days := s.account.DaysNeeded(s.now); len(days) != 1 || days[0] != "2031-03-10" {
		t.Fatalf("needs %v", days)
	}
	for name, change := range map[string]func(*payment.DayList){
		"another day":                  func(l *payment.DayList) { l.Day = "2031-03-11" },
		"read before the window's end": func(l *payment.DayList) { l.ReadAt = opening.Add(window) },
		"iyzico's clock before it":     func(l *payment.DayList) { l.SystemTime = opening.Add(window) },
		"without iyzico's clock":       func(l *payment.DayList) { l.SystemTime = time.Time{} },
	} {
		list := s.day("2031-03-10")
		change(&list)
		if s.saved0(func() { s.decide(payment.Listed{Lists: []payment.DayList{list}}) }); s.op("k").Status() != payment.StatusUnknown {
			t.Errorf("%s: %s", name, s.op("k").Status())
		}
	}
	s.days().is("k", payment.StatusNotExecuted)
}

// TestAnAttemptAtMidnightNeedsBothDays: of Istanbul, whatever the day is elsewhere.
func TestAnAttemptAtMidnightNeedsBothDays(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	s.now = time.Date(2031, time.March, 10, 20, 59, 50, 0, time.UTC) // 23:59:50 in Istanbul
	readsAgree(s.ask(refund("k", "10")).answer(lost))
	days := s.account.DaysNeeded(s.now)
	if len(days) != 2 || days[0] != "2031-03-10" || days[1] != "2031-03-11" {
		t.Fatalf("needs %v", days)
	}
	s.decide(payment.Listed{Lists: []payment.DayList{s.day(days[1])}}).is("k", payment.StatusUnknown)
	s.days().is("k", payment.StatusNotExecuted)
}

// TestADayListSettlesBeforeTheReportsAgree: after an outage one list settles thousands.
func TestADayListSettlesBeforeTheReportsAgree(t *testing.T) {
	t.Parallel()
	s := lostRefund(t).pass(time.Minute).lists(conversation("k", 1), "1", "10", 1)
	s.decide(payment.Listed{Lists: []payment.DayList{s.day("2031-03-10")}}).is("k", payment.StatusSucceeded).sums("10.00", "0.00", "90.00")
	s.saved0(func() { s.decide(payment.Listed{Lists: []payment.DayList{s.day("2031-03-10")}}) })
	v2 := newStory(t, "0.30599401", "9.90400599").ask(allocated(refund("k", "8.21"), payment.AllocateByIyzico)).answer(lost).pass(time.Minute)
	v2.lists(conversation("k", 1), "1", "0.30599401", 1).lists(conversation("k", 1), "2", "7.90400599", 1)
	v2.decide(payment.Listed{Lists: []payment.DayList{v2.day("2031-03-10")}}).is("k", payment.StatusSucceeded).sums("8.21", "0.00", "2.00")
}

func TestFromAnAmountOnAPersonDecidesAboutAbsence(t *testing.T) {
	t.Parallel()
	for limit, want := range map[string]payment.Status{
		"0": payment.StatusNotExecuted, "10.01": payment.StatusNotExecuted, "10": payment.StatusNeedsReview, "5": payment.StatusNeedsReview,
	} {
		s := newStory(t, "100")
		s.rules.ReviewAbsenceFrom = decimal.RequireFromString(limit)
		s.ask(refund("k", "10")).answer(lost).absent().is("k", want)
		if limit != "0" && want == payment.StatusNeedsReview && s.op("k").Legs[0].Failure.Reason != payment.ReasonLargeAbsence {
			t.Errorf("%s: %+v", limit, s.op("k").Legs[0].Failure)
		}
	}
}

// TestTheSameEvidenceCountsAlikeInEveryState drives each state of a leg with each piece of evidence, and compares what comes
// of it with the table.
func TestTheSameEvidenceCountsAlikeInEveryState(t *testing.T) {
	t.Parallel()
	id := conversation("k", 1)
	states := map[payment.State]func(*story){
		unknown:                  func(s *story) { s.answer(lost) },
		payment.StateNotSent:     func(s *story) { s.answer(notSent) },
		payment.StateRejected:    func(s *story) { s.answer(rejected) },
		payment.StateNotExecuted: func(s *story) { s.answer(lost).absent() },
		payment.StateSucceeded:   func(s *story) { s.answer(succeeded) },
		payment.StateNeedsReview: func(s *story) { s.answer(lost).pass(25 * time.Hour).unreadable() },
		payment.StateSending:     func(*story) {},
	}
	evidence := map[payment.Evidence]func(*story){
		payment.EvidenceDone:        func(s *story) { s.lists(id, "1", "10", 1) },
		payment.EvidenceWrong:       func(s *story) { s.lists(id, "2", "10", 1) },
		payment.EvidencePart:        func(s *story) { s.lists(id, "1", "4", 1) },
		payment.EvidenceOpen:        func(s *story) { s.lists(id, "1", "10", 2) },
		payment.EvidenceUnexplained: func(s *story) { s.lists("", "1", "10", 1); s.iyzico.Entries[0].CreatedAt = opening.Add(time.Second) },
		payment.EvidenceFailed:      func(s *story) { s.lists(id, "1", "10", 0).failed() },
		payment.EvidenceUnreadable:  func(s *story) { s.iyzico.Defects = []string{"cancels is absent"} },
		payment.EvidenceAbsent:      func(*story) {},
	}
	for state, reach := range states {
		for _, e := range payment.AllEvidence() {
			t.Run(string(state)+" and "+string(e), func(t *testing.T) {
				t.Parallel()
				s := newStory(t, "100", "100").ask(onLine(refund("k", "10"), "1"))
				reach(s)
				if got := s.op("k").Legs[0].State; got != state {
					t.Fatalf("it is %s", got)
				}
				if e == payment.EvidenceUnexplained && state == payment.StateSucceeded {
					t.Skip("the leg itself explains the entry")
				}
				s.over = true
				evidence[e](s)
				alarmed := s.op("k").Alarmed
				s.decide(payment.Observed{Report: s.report()})
				leg, op := s.op("k").Legs[0], s.op("k")
				refunded, reserved := s.account.Totals().Lines[0].RefundedAmount.String(), s.account.Totals().Lines[0].ReservedAmount.String()
				switch effect := payment.EffectOf(state, e); effect {
				case payment.EffectSettle:
					s.is("k", payment.StatusSucceeded).sums("10.00", "0.00", "190.00")
				case payment.EffectReview:
					if leg.State != payment.StateNeedsReview || reserved != "10.00" || leg.Failure == nil {
						t.Errorf("%s, reserved %s, %+v", leg.State, reserved, leg.Failure)
					}
				case payment.EffectContradict:
					if leg.State != payment.StateNeedsReview || refunded != "10.00" || reserved != "0.00" || !op.Alarmed || !leg.FromFinal {
						t.Errorf("%s, refunded %s, reserved %s, alarmed %v", leg.State, refunded, reserved, op.Alarmed)
					}
				case payment.EffectDoubt:
					if leg.State != payment.StateNeedsReview || reserved != "10.00" || !op.Alarmed || !leg.FromFinal {
						t.Errorf("%s, reserved %s, alarmed %v", leg.State, reserved, op.Alarmed)
					}
				case payment.EffectAlarm:
					if leg.State != state || !op.Alarmed {
						t.Errorf("%s, alarmed %v", leg.State, op.Alarmed)
					}
				case payment.EffectNone, payment.EffectProve, payment.EffectWait, payment.EffectNotCounted, payment.EffectCount:
					if leg.State != state || op.Alarmed != alarmed {
						t.Errorf("%s, alarmed %v", leg.State, op.Alarmed)
					}
				}
			})
		}
	}
}

// TestDoubtAboutADefiniteNoStopsTheNextRefund: whoever asks again with a new key, as advised, may be asking for the very money
// that was given back already.
func TestDoubtAboutADefiniteNoStopsTheNextRefund(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*story){
		"rejected": func(s *story) { s.answer(rejected) }, "not executed": func(s *story) { s.answer(lost).absent() },
	} {
		for _, status := range []int{0, 1, 2, payment.StatusNotSaid} {
			s := newStory(t, "100").ask(refund("k", "30"))
			end(s)
			s.lists(conversation("k", 1), "1", "30", status).pass(time.Minute)
			for range 2 {
				if s.ask(refund("again", "30")); status == payment.StatusNotSaid {
					s.refused(payment.CodeUnavailable) // after a definite no such a report cannot be relied on
				} else if e := s.refused(payment.CodeNotRefundable); e.OperationID != s.op("k").ID {
					t.Errorf("%s, status %d: refused because of %q", name, status, e.OperationID)
				}
				s.is("k", payment.StatusNeedsReview).pass(time.Minute)
			}
			if status == payment.StatusNotSaid {
				continue
			}
			d, left := payment.DecideNotExecuted, "70.00"
			if status == 1 {
				d, left = payment.DecideSucceeded, "40.00"
			}
			s.resolve("k", d).silent().ask(refund("again", "30"))
			if got := s.account.Totals().RefundableAmount.String(); s.call == nil || got != left {
				t.Errorf("%s, status %d: sent %+v, error %v, refundable %s", name, status, s.call, s.err, got)
			}
		}
	}
}

// TestARefundInThePanelAfterARefusalIsNoDoubt: a merchant may well do in the panel what iyzico refused here.
func TestARefundInThePanelAfterARefusalIsNoDoubt(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "30")).answer(rejected).pass(5*time.Minute).lists("", "1", "30", 1)
	s.pass(time.Hour).read().is("k", payment.StatusRejected).sums("30.00", "0.00", "70.00")
	s.ask(refund("again", "30")).sent(conversation("again", 1))
}

// TestNothingIsSentOnAReportThatMayHideARefund: what iyzico already gave back must be known before more is asked for (I4).
func TestNothingIsSentOnAReportThatMayHideARefund(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *story){
		"partly refunded, and nothing listed":   func(s *story) { s.iyzico.RefundStatus = payment.PartiallyRefunded },
		"totally refunded, and nothing listed":  func(s *story) { s.iyzico.RefundStatus = payment.TotallyRefunded },
		"totally refunded, and a part listed":   func(s *story) { s.lists("", "1", "5", 1).iyzico.RefundStatus = payment.TotallyRefunded },
		"no word, and a list that is not there": func(s *story) { s.iyzico.RefundStatus, s.iyzico.Defects = "?", []string{"refunds is absent"} },
		"a line twice":                          func(s *story) { s.iyzico.Lines = append(s.iyzico.Lines, s.iyzico.Lines[0]) },
	} {
		s := newStory(t, "100", "60")
		change(s)
		s.saved0(func() { s.ask(onLine(refund("k", "10"), "1")).refused(payment.CodeUnavailable) })
		if s.call != nil {
			t.Errorf("%s: sent", name)
		}
	}
}

// TestAfterADefiniteNoNothingIsSentOnAReportThatCouldNotProveIt: what such a report leaves out may be the money.
func TestAfterADefiniteNoNothingIsSentOnAReportThatCouldNotProveIt(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "30")).answer(rejected)
	s.iyzico.Defects = []string{"an entry cannot be read"}
	s.ask(refund("again", "30")).refused(payment.CodeUnavailable)
	s.iyzico.Defects = nil
	s.ask(refund("again", "30")).sent(conversation("again", 1))
}

func TestAfterADefiniteNoNothingIsSentOnAReportFromBeforeIt(t *testing.T) {
	t.Parallel()
	for name, no := range map[string]func(*story) *story{
		"refused":       func(s *story) *story { return s.ask(refund("k", "30")).answer(rejected) },
		"held for lost": func(s *story) *story { return s.ask(refund("k", "30")).answer(lost).absent().days() },
		"turned away":   func(s *story) *story { return s.ask(refund("k", "30")).turnedAway("1001") },
	} {
		s := no(newStory(t, "100"))
		at := s.now
		s.pass(time.Minute)
		old := s.report()
		old.SystemTime = at.Add(-3 * time.Second)
		s.decide(payment.Requested{Command: refund("again", "30"), Report: &old, Until: s.now.Add(s.left)})
		if e := s.refused(payment.CodeUnavailable); e.RetryAfter < time.Second || e.RetryAfter > time.Minute {
			t.Errorf("%s: to be asked again after %v", name, e.RetryAfter)
		}
		s.ask(refund("again", "30")).sent(conversation("again", 1))
	}
}

func TestWhatIyzicoTurnedAwayIsLookedUpBeforeItIsSentAgain(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "30")).turnedAway("1001").is("k", payment.StatusNotSent)
	s.reads = 0
	s.lists(conversation("k", 1), "1", "30", 1) // it was carried out all the same
	if s.ask(refund("k", "30")).silent(); s.reads != 1 {
		t.Errorf("%d reads", s.reads)
	}
	s.is("k", payment.StatusNeedsReview).sums("30.00", "0.00", "70.00")
	s.ask(refund("another", "30")).refused(payment.CodeNotRefundable)

	honest := newStory(t, "100").ask(refund("k", "30")).turnedAway("50000").ask(refund("k", "30"))
	honest.sent(conversation("k", 2)).answer(succeeded).is("k", payment.StatusSucceeded).sums("30.00", "0.00", "70.00")

	detail := newStory(t, "100").ask(refund("k", "30")).turnedAway("1001")
	detail.iyzico.Listed = false // payment detail alone knows it, and shows no refunds
	detail.ask(refund("k", "30")).refused(payment.CodeUnavailable)
}

func TestALegThatIyzicoTurnedAwayIsLookedUpBeforeItGoesOn(t *testing.T) {
	t.Parallel()
	s := newStory(t, "10", "20").ask(allocated(refund("k", "30"), payment.AllocateInOrder)).answer(succeeded).turnedAway("50000")
	s.is("k", payment.StatusProcessing, done, reserved)
	s.lists(conversation("k", 1), "1", "10", 1).lists(conversation("k", 2), "2", "20", 1)
	s.ask(allocated(refund("k", "30"), payment.AllocateInOrder)).silent()
	s.is("k", payment.StatusSucceeded, done, done).sums("30.00", "0.00", "0.00")
}

// turnedAway answers the last call with a code by which iyzico says that it did not take the request.
func (s *story) turnedAway(code string) *story {
	s.t.Helper()
	return s.decide(payment.Answered{Call: *s.call, Verdict: notSent, Failure: &payment.Failure{Reason: "refused", Code: code}})
}

// TestADayListSpeaksAgainstADefiniteNo: a row that says done takes the reservation back, and one of another amount is a doubt.
func TestADayListSpeaksAgainstADefiniteNo(t *testing.T) {
	t.Parallel()
	for name, no := range map[string]func() *story{
		"rejected":     func() *story { return newStory(t, "100").ask(refund("k", "10")).answer(rejected).pass(time.Minute) },
		"not executed": func() *story { return lostRefund(t).absent() },
	} {
		done := no().lists(conversation("k", 1), "1", "10", 1)
		done.decide(payment.Listed{Lists: []payment.DayList{done.day("2031-03-10")}}).is("k", payment.StatusNeedsReview)
		if leg := done.op("k").Legs[0]; !leg.Seen || !leg.FromFinal {
			t.Errorf("%s: %+v", name, leg)
		}
		done.sums("10.00", "0.00", "90.00")
		odd := no().lists(conversation("k", 1), "1", "7", 1)
		odd.decide(payment.Listed{Lists: []payment.DayList{odd.day("2031-03-10")}}).is("k", payment.StatusNeedsReview)
	}
	part := newStory(t, "0.30599401", "9.90400599").ask(allocated(refund("k", "8.21"), payment.AllocateByIyzico)).answer(rejected).pass(time.Minute)
	part.lists(conversation("k", 1), "1", "0.30599401", 1)
	part.decide(payment.Listed{Lists: []payment.DayList{part.day("2031-03-10")}}).is("k", payment.StatusNeedsReview)
}

// TestWhatLeftTheAccountCannotBeDecidedAgain: it is settled for good, and shown as it ended.
func TestWhatLeftTheAccountCannotBeDecidedAgain(t *testing.T) {
	t.Parallel()
	s := crowded(t, 230)
	s.decide(payment.Resolved{
		OperationID: refund("k0", "1").OperationID(), Decision: payment.DecideNotExecuted, Reason: "r", By: "ops-1", Until: s.now.Add(27 * time.Second),
	})
	e := s.refused(payment.CodeNotResolvable)
	if e.Operation == nil || e.Operation.Status != payment.StatusSucceeded {
		t.Errorf("%+v", e.Operation)
	}
}
