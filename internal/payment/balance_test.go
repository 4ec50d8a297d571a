package payment_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

const opened = payment.VerdictOpened

// toBalance is a command for a refund to the customer's iyzico balance.
func toBalance(key string) payment.Command {
	return payment.Command{
		Kind: payment.KindBalanceRefund, PaymentID: paymentID, Key: key, Destination: payment.ToBalance, Locale: "tr",
		PageLocale: "en", ReturnURL: "https://shop.example/back",
	}
}

// comesBack is the customer's browser, with a token.
func (s *story) comesBack(key, token string) *story {
	s.t.Helper()
	return s.decide(payment.Returned{OperationID: toBalance(key).OperationID(), TokenHash: payment.HashToken(token)})
}

// approves is the merchant in iyzico's panel: each line goes back whole, under nobody's id, and the payment says so.
func (s *story) approves() *story {
	for _, line := range s.iyzico.Lines {
		s.lists("", line.ID, line.PaidAmount.Decimal().String(), 1)
	}
	s.iyzico.RefundStatus = payment.TotallyRefunded
	return s
}

// waiting is a balance refund whose page is open.
func waiting(t *testing.T, lines ...string) *story {
	t.Helper()
	return newStory(t, lines...).ask(toBalance("b")).answer(opened).is("b", payment.StatusAwaitingCustomer)
}

func TestABalanceRefundFromInitToTheReport(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100", "60", "33.33333333")
	s.ask(toBalance("b")).sent(payment.ConversationID(toBalance("b").OperationID(), 1))
	if s.reads != 1 || s.call.API != payment.APIBalanceInit || s.call.LineID != "" || s.call.Amount.String() != "193.33" {
		t.Fatalf("%d reads, call %+v", s.reads, s.call)
	}
	s.is("b", payment.StatusProcessing, payment.StateSending).sums("0.00", "193.33", "0.00")
	s.answer(opened).silent().is("b", payment.StatusAwaitingCustomer).sums("0.00", "193.33", "0.00")
	r := s.op("b").Resource(paymentID)
	if r.SealedURL != "sealed-url" || r.PageLocale != "en" || r.Destination != payment.ToBalance || r.Kind != payment.KindBalanceRefund || r.Amount != "193.33" {
		t.Errorf("resource %+v", r)
	}
	s.pass(time.Hour).comesBack("b", "token").silent().is("b", payment.StatusAwaitingMerchant)
	if page := s.op("b").Page; page.SealedURL != "" || !page.Since.Equal(s.now) {
		t.Errorf("after the browser came back the url is kept or the clock went on: %+v", page)
	}
	s.pass(time.Minute).read().is("b", payment.StatusAwaitingMerchant).sums("0.00", "193.33", "0.00")
	s.pass(time.Minute).approves().read().is("b", payment.StatusSucceeded).sums("193.33", "0.00", "0.00")
	op := s.op("b")
	if len(op.Legs[0].ClaimedTx) != 3 || len(s.account.Foreign) != 0 || op.Legs[0].Proof.RefundTxID == "" || op.SettledAt.IsZero() {
		t.Errorf("operation %+v, foreign %+v", op, s.account.Foreign)
	}
	s.pass(time.Hour).read().sums("193.33", "0.00", "0.00")
	if status := s.account.Totals().Status(); status != payment.PaymentRefunded {
		t.Errorf("the payment is %s", status)
	}
}

// An attempt in iyzico's panel that failed before the init is no part of it: it neither contradicts the refund nor is
// taken for its money.
func TestWhatFailedBeforeABalanceRefundIsNoPartOfIt(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").panel("p0", "1", "100", -time.Hour)
	s.iyzico.Entries[0].Status = 0
	s.ask(toBalance("b")).answer(opened).pass(time.Minute).read().is("b", payment.StatusAwaitingCustomer)
	s.pass(time.Minute).approves().read().is("b", payment.StatusSucceeded).sums("100.00", "0.00", "0.00")
	if claimed := s.op("b").Legs[0].ClaimedTx; len(claimed) != 1 || len(s.account.Foreign) != 1 || s.account.Foreign[0].TxID != "p0" {
		t.Errorf("claimed %v, foreign %+v", claimed, s.account.Foreign)
	}
}

func TestABalanceRefundNeedsAPaymentThatIsUntouched(t *testing.T) {
	t.Parallel()
	blocks := func(name string, prepare func(*story), operation string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100")
			prepare(s)
			e := s.ask(toBalance("b")).refused(payment.CodeNotRefundable)
			if e.OperationID != operation {
				t.Errorf("in the way is %q, want %q", e.OperationID, operation)
			}
		})
	}
	earlier := refund("r", "10").OperationID()
	blocks("a refund", func(s *story) { s.ask(refund("r", "10")).answer(succeeded) }, earlier)
	blocks("a refund of unknown outcome", func(s *story) { s.ask(refund("r", "10")).answer(lost) }, earlier)
	blocks("a refund that is being sent", func(s *story) { s.ask(refund("r", "10")) }, earlier)
	blocks("a refund in iyzico's panel, seen only now", func(s *story) {
		s.ask(refund("r", "10")).answer(rejected)
		s.lists("", "1", "5", 1)
	}, "")
	blocks("a cancel", func(s *story) { s.ask(cancel("c")).answer(succeeded) }, cancel("c").OperationID())
	blocks("another balance refund", func(s *story) { s.ask(toBalance("other")).answer(opened) }, toBalance("other").OperationID())
	blocks("not charged", func(s *story) { s.iyzico.Charged = false }, "")
	blocks("a hold", func(s *story) { s.iyzico.PreAuth = true }, "")
	blocks("366 days", func(s *story) { s.iyzico.PaidAt = opening.AddDate(0, 0, -367) }, "")
}

func TestABalanceRefundNeedsTheReportItself(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	s.iyzico.Listed = false // payment detail hides refunds
	s.ask(toBalance("b")).refused(payment.CodeUnavailable)
	if s.account.Version != 0 {
		t.Error("something was saved")
	}
}

func TestWhileABalanceRefundIsOpenNothingElseRuns(t *testing.T) {
	t.Parallel()
	id := toBalance("b").OperationID()
	for name, advance := range map[string]func(*story){
		"sending":              func(s *story) { s.ask(toBalance("b")) },
		"waiting for customer": func(s *story) { s.ask(toBalance("b")).answer(opened) },
		"waiting for merchant": func(s *story) { s.ask(toBalance("b")).answer(opened).comesBack("b", "token") },
		"in review":            func(s *story) { s.ask(toBalance("b")).answer(opened).pass(25 * time.Hour).unreadable() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100")
			advance(s)
			if e := s.ask(refund("r", "10")).refused(payment.CodeNotRefundable); e.OperationID != id {
				t.Errorf("refund: in the way is %q", e.OperationID)
			}
			if e := s.ask(full("f")).refused(payment.CodeNotRefundable); e.OperationID != id {
				t.Errorf("full: in the way is %q", e.OperationID)
			}
			if e := s.ask(cancel("c")).refused(payment.CodeNotCancellable); e.OperationID != id {
				t.Errorf("cancel: in the way is %q", e.OperationID)
			}
			if e := s.ask(toBalance("b2")).refused(payment.CodeNotRefundable); e.OperationID != id {
				t.Errorf("balance: in the way is %q", e.OperationID)
			}
		})
	}
}

func TestAnInitWithoutAPageMovesNothing(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]payment.Verdict{"lost": lost, "not sent": notSent} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100").ask(toBalance("b")).answer(v).is("b", payment.StatusNotSent).sums("0.00", "0.00", "100.00")
			s.ask(toBalance("b")).sent(payment.ConversationID(toBalance("b").OperationID(), 2))
			s.answer(opened).is("b", payment.StatusAwaitingCustomer)
		})
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		newStory(t, "100").ask(toBalance("b")).answer(rejected).is("b", payment.StatusRejected).sums("0.00", "0.00", "100.00")
	})
	t.Run("opened without a page", func(t *testing.T) {
		t.Parallel()
		s := newStory(t, "100").ask(toBalance("b"))
		s.decide(payment.Answered{Call: *s.call, Verdict: opened}).is("b", payment.StatusNotSent)
	})
	t.Run("no answer in time", func(t *testing.T) {
		t.Parallel()
		s := newStory(t, "100").ask(toBalance("b")).pass(time.Minute).read().is("b", payment.StatusNotSent).sums("0.00", "0.00", "100.00")
		s.answerTo(*s.firstCall(), opened).is("b", payment.StatusNotSent)
		if page := s.op("b").Page; page.SealedURL != "" || page.TokenHash != "" {
			t.Errorf("a late answer's page is kept: %+v", page)
		}
	})
	t.Run("the answer to the attempt before", func(t *testing.T) {
		t.Parallel()
		s := newStory(t, "100").ask(toBalance("b"))
		first := *s.call
		s.answer(notSent).ask(toBalance("b")).answerTo(first, opened)
		s.is("b", payment.StatusProcessing, payment.StateSending)
		if page := s.op("b").Page; page.SealedURL != "" || page.TokenHash != "" {
			t.Errorf("an old attempt's page is kept: %+v", page)
		}
	})
}

// firstCall is the call of the balance refund's first attempt.
func (s *story) firstCall() *payment.Call {
	op := s.op("b")
	return &payment.Call{
		Account: s.account.ID, OperationID: op.ID, Attempt: 1, API: payment.APIBalanceInit, PaymentID: paymentID, Command: toBalance("b"),
		Until: s.now.Add(time.Second),
	}
}

func TestABrowserThatIsFasterThanOurRecord(t *testing.T) {
	t.Parallel()
	early := func(t *testing.T, tokens ...string) *story {
		s := newStory(t, "100").ask(toBalance("b"))
		call := *s.call
		for _, token := range tokens {
			s.comesBack("b", token).silent().is("b", payment.StatusProcessing, payment.StateSending)
		}
		s.call = &call
		return s
	}
	t.Run("the answer has its token", func(t *testing.T) {
		t.Parallel()
		early(t, "token").answer(opened).is("b", payment.StatusAwaitingMerchant).comesBack("b", "token").silent()
	})
	t.Run("a stranger was there first", func(t *testing.T) {
		t.Parallel()
		early(t, "guess", "token").answer(opened).is("b", payment.StatusAwaitingMerchant)
	})
	t.Run("only a stranger was there", func(t *testing.T) {
		t.Parallel()
		s := early(t, "guess").answer(opened).is("b", payment.StatusAwaitingCustomer)
		s.comesBack("b", "guess").refused(payment.CodeNotFound)
	})
	t.Run("the answer is lost", func(t *testing.T) {
		t.Parallel()
		s := early(t, "token").answer(lost).is("b", payment.StatusNeedsReview).sums("0.00", "100.00", "0.00")
		s.comesBack("b", "token").silent().is("b", payment.StatusNeedsReview)
		s.pass(2*time.Hour).approves().read().is("b", payment.StatusSucceeded)
	})
	t.Run("no answer comes", func(t *testing.T) {
		t.Parallel()
		early(t, "token").pass(time.Minute).read().is("b", payment.StatusNeedsReview).sums("0.00", "100.00", "0.00")
	})
	t.Run("it comes after the deadline, before anybody looked", func(t *testing.T) {
		t.Parallel()
		s := newStory(t, "100").ask(toBalance("b")).pass(time.Minute).comesBack("b", "token").silent()
		s.read().is("b", payment.StatusNeedsReview)
	})
	t.Run("more strangers than are remembered", func(t *testing.T) {
		t.Parallel()
		s := early(t, "1", "2", "3")
		s.saved(0, func() { s.comesBack("b", "4") })
		s.saved(0, func() { s.comesBack("b", "1") })
	})
}

func TestAReturnThatDoesNotVerifyChangesNothing(t *testing.T) {
	t.Parallel()
	card := refund("r", "10").OperationID()
	for name, e := range map[string]payment.Returned{
		"another token":    {OperationID: toBalance("b").OperationID(), TokenHash: payment.HashToken("another")},
		"no token":         {OperationID: toBalance("b").OperationID()},
		"the token itself": {OperationID: toBalance("b").OperationID(), TokenHash: "token"},
		"another refund":   {OperationID: toBalance("x").OperationID(), TokenHash: payment.HashToken("token")},
		"a card refund":    {OperationID: card, TokenHash: payment.HashToken("token")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "100").ask(refund("r", "10")).answer(rejected).ask(toBalance("b")).answer(opened)
			s.saved(0, func() { s.decide(e).refused(payment.CodeNotFound) })
		})
	}
}

func TestComingBackAgainChangesNothing(t *testing.T) {
	t.Parallel()
	s := waiting(t, "100").comesBack("b", "token")
	s.pass(time.Hour).saved(0, func() { s.comesBack("b", "token").silent().is("b", payment.StatusAwaitingMerchant) })
	s.approves().read().is("b", payment.StatusSucceeded)
	s.saved(0, func() { s.comesBack("b", "token").silent().is("b", payment.StatusSucceeded) })
}

func TestWithoutAReturnTheReportIsEnough(t *testing.T) {
	t.Parallel()
	s := waiting(t, "100").pass(time.Hour).approves().read().is("b", payment.StatusSucceeded).sums("100.00", "0.00", "0.00")
	if s.op("b").Page.SealedURL != "" {
		t.Error("the url is kept")
	}
}

func TestAnythingElseThatIsNewNeedsAPerson(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(*story){
		"a part":                     func(s *story) { s.lists("", "1", "40", 1) },
		"a refund that failed":       func(s *story) { s.lists("", "1", "100", 0) },
		"all, but not said to be":    func(s *story) { s.approves().iyzico.RefundStatus = payment.PartiallyRefunded },
		"said to be all, and is not": func(s *story) { s.lists("", "1", "99", 1).iyzico.RefundStatus = payment.TotallyRefunded },
		"more than all":              func(s *story) { s.approves().lists("", "1", "1", 1) },
		"a cancel":                   func(s *story) { s.listsCancel("", 1).iyzico.RefundStatus = payment.TotallyRefunded },
		"our own id, failed":         func(s *story) { s.lists(payment.ConversationID(toBalance("b").OperationID(), 1), "1", "100", 2) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := waiting(t, "100").comesBack("b", "token").pass(time.Hour)
			s.over = true
			happens(s)
			s.read().is("b", payment.StatusNeedsReview)
			if s.op("b").FirstFailure() == nil {
				t.Error("nothing says why")
			}
		})
	}
	t.Run("all under our own id", func(t *testing.T) {
		t.Parallel()
		s := waiting(t, "100").pass(time.Hour).lists(payment.ConversationID(toBalance("b").OperationID(), 1), "1", "100", 1)
		s.iyzico.RefundStatus = payment.TotallyRefunded
		s.read().is("b", payment.StatusSucceeded).sums("100.00", "0.00", "0.00")
	})
	t.Run("a part first, then all", func(t *testing.T) {
		t.Parallel()
		s := waiting(t, "100", "60").pass(time.Hour).lists("", "1", "100", 1).read().is("b", payment.StatusNeedsReview)
		s.lists("", "2", "60", 1).iyzico.RefundStatus = payment.TotallyRefunded
		s.pass(time.Hour).read().is("b", payment.StatusSucceeded).sums("160.00", "0.00", "0.00")
	})
}

func TestWaitingHasAnEnd(t *testing.T) {
	t.Parallel()
	s := waiting(t, "100").pass(24*time.Hour-time.Second).read().is("b", payment.StatusAwaitingCustomer)
	s.pass(time.Second).read().is("b", payment.StatusNeedsReview).sums("0.00", "100.00", "0.00")
	if f := s.op("b").FirstFailure(); f == nil || f.Reason != "not-confirmed" || s.op("b").Page.SealedURL != "" {
		t.Errorf("failure %+v, page %+v", f, s.op("b").Page)
	}
	s = waiting(t, "100").pass(20*time.Hour).comesBack("b", "token").pass(20*time.Hour).read().is("b", payment.StatusAwaitingMerchant)
	s.pass(4*time.Hour).unreadable().is("b", payment.StatusNeedsReview)
	if f := s.op("b").FirstFailure(); f == nil || f.Reason != "not-approved" {
		t.Errorf("failure %+v", f)
	}
	s.pass(time.Hour).approves().read().is("b", payment.StatusSucceeded)
}

func TestTheReportIsWatchedSoonAndThenMoreRarely(t *testing.T) {
	t.Parallel()
	s := waiting(t, "100").comesBack("b", "token")
	since, reads := s.now, 0
	var last time.Duration
	for s.is("b", payment.StatusAwaitingMerchant); s.op("b").Status() == payment.StatusAwaitingMerchant; reads++ {
		due := s.account.DueAt()
		gap := due.Sub(s.now)
		if gap <= 0 || gap > window || gap < last && due.Before(since.Add(24*time.Hour)) {
			t.Fatalf("after %s the next read is %s later, after %s before", s.now.Sub(since), gap, last)
		}
		last, s.now = gap, due
		s.read()
	}
	if reads < 20 || reads > 200 {
		t.Errorf("%d reads in a day", reads)
	}
	s = waiting(t, "100")
	before := s.account.DueAt()
	s.now = before
	if s.unreadable(); !s.account.DueAt().After(before) {
		t.Error("a report that cannot be read is read again at once")
	}
}

func TestExpiredIsAPersonsDecisionOnly(t *testing.T) {
	t.Parallel()
	s := waiting(t, "100").pass(time.Hour).resolve("b", payment.DecideNotExecuted).is("b", payment.StatusExpired).sums("0.00", "0.00", "100.00")
	if s.op("b").Page.SealedURL != "" {
		t.Error("the url is kept")
	}
	s.ask(toBalance("b")).silent().is("b", payment.StatusExpired)
	t.Run("iyzico's link still works", func(t *testing.T) {
		s.pass(300*24*time.Hour).comesBack("b", "token").silent().is("b", payment.StatusNeedsReview).sums("0.00", "100.00", "0.00")
		if !s.op("b").Alarmed {
			t.Error("no alarm")
		}
		s.approves().pass(time.Hour).read().is("b", payment.StatusNeedsReview).sums("100.00", "0.00", "0.00")
		s.resolve("b", payment.DecideNotExecuted).refused(payment.CodeNotResolvable)
		s.resolve("b", payment.DecideSucceeded).is("b", payment.StatusSucceeded).sums("100.00", "0.00", "0.00")
	})
}

func TestAnExpiredRefundThatIyzicoDidAllTheSame(t *testing.T) {
	t.Parallel()
	s := waiting(t, "100").resolve("b", payment.DecideNotExecuted).is("b", payment.StatusExpired)
	s.pass(time.Hour).approves().read().is("b", payment.StatusNeedsReview).sums("100.00", "0.00", "0.00")
	if !s.op("b").Alarmed {
		t.Error("no alarm")
	}
}

func TestTheOpenRefundOfTwoTakesWhatIsNew(t *testing.T) {
	t.Parallel()
	s := waiting(t, "100").resolve("b", payment.DecideNotExecuted).pass(time.Hour).ask(toBalance("b2")).answer(opened)
	s.is("b2", payment.StatusAwaitingCustomer).pass(time.Hour).approves().read()
	s.is("b2", payment.StatusSucceeded).is("b", payment.StatusExpired).sums("100.00", "0.00", "0.00")
}

// TestOurOwnRefundsDoNotContradictAnExpiredOne: iyzico's report may hide the ids of refunds that were made instead.
func TestOurOwnRefundsDoNotContradictAnExpiredOne(t *testing.T) {
	t.Parallel()
	s := waiting(t, "100").resolve("b", payment.DecideNotExecuted).pass(time.Hour).ask(full("r")).answer(succeeded)
	s.over = true // what hides its id counts twice
	s.approves().read().is("b", payment.StatusExpired).is("r", payment.StatusSucceeded)
}

func TestWhatAPersonSaysBeforeTheReportCountsOnce(t *testing.T) {
	t.Parallel()
	s := waiting(t, "100").comesBack("b", "token").resolve("b", payment.DecideSucceeded).is("b", payment.StatusSucceeded)
	s.pass(time.Hour).approves().read().is("b", payment.StatusSucceeded).sums("100.00", "0.00", "0.00")
	if len(s.account.Foreign) != 0 {
		t.Errorf("foreign %+v", s.account.Foreign)
	}
}

func TestAPersonCannotSayMoreThanTheReport(t *testing.T) {
	t.Parallel()
	s := waiting(t, "100").pass(time.Hour).lists("", "1", "40", 1).read().is("b", payment.StatusNeedsReview)
	s.resolve("b", payment.DecideSucceeded).refused(payment.CodeNotResolvable)
	s.resolve("b", payment.DecideNotExecuted).is("b", payment.StatusExpired).sums("40.00", "0.00", "60.00")
}

func TestEveryStatusOfABalanceRefundIsPublished(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100")
	var published []string
	step := func(do func()) {
		before := s.account
		do()
		for _, change := range payment.Changes(before, s.account) {
			published = append(published, change.DetailType)
			if change.Detail.RedirectURL != "" {
				t.Error("an event carries the url")
			}
		}
	}
	step(func() { s.ask(toBalance("b")) })
	step(func() { s.answer(opened) })
	step(func() { s.comesBack("b", "token") })
	step(func() { s.pass(25 * time.Hour).unreadable() })
	step(func() { s.resolve("b", payment.DecideNotExecuted) })
	step(func() { s.comesBack("b", "token") })
	step(func() { s.approves().pass(time.Hour).resolve("b", payment.DecideSucceeded) })
	want := []string{
		"balance_refund.awaiting_customer", "balance_refund.awaiting_merchant", "balance_refund.needs_review",
		"balance_refund.expired", "balance_refund.needs_review", "balance_refund.succeeded",
	}
	if !slices.Equal(published, want) {
		t.Errorf("published %q, want %q", published, want)
	}
}

func TestARestoredTableTakesABalanceRefundToAPerson(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").lists(payment.ConversationID(toBalance("b").OperationID(), 1), "1", "40", 1)
	s.ask(toBalance("b")).silent().is("b", payment.StatusNeedsReview)
}

func TestNoTokenIsStored(t *testing.T) {
	t.Parallel()
	s := waiting(t, "100").comesBack("b", "token")
	if bytes.Contains(encode(t, s.account), []byte(`"token"`)) {
		t.Error("the token is stored")
	}
	if payment.HashToken("token") == payment.HashToken("Token") || len(payment.HashToken("")) != 43 {
		t.Error("tokens are told apart by their hashes")
	}
}
