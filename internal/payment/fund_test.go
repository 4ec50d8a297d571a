package payment_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// order is a fund payment of one item whose personal members are canaries.
func order(paid string) *payment.FundOrder {
	address := payment.Address{Address: "canary-street", ContactName: "canary-contact", City: "canary-city", Country: "canary-country", ZipCode: "canary-zip"}
	return &payment.FundOrder{
		SessionToken: "canary-session", MemberIdentifier: "canary-member", AccessToken: "canary-access", PriceAmount: amount(paid), PaidAmount: amount(paid),
		CallbackURL: "https://shop.example/canary", Buyer: payment.Buyer{
			ID: "canary-buyer", Name: "canary-name", Surname: "canary-surname", IdentityNumber: "canary-identity", Email: "canary@mail", GSMNumber: "canary-gsm",
			RegistrationAddress: "canary-home", City: "canary-town", Country: "canary-land", ZipCode: "canary-post", IP: "canary-ip",
		},
		ShippingAddress: &address, BillingAddress: address,
		BasketItems: []payment.BasketItem{{ID: "BI101", PriceAmount: amount(paid), Name: "canary-item", Category1: "canary-category", ItemType: "PHYSICAL"}},
	}
}

func fundCommand(key, paid string) payment.Command {
	return payment.Command{Kind: payment.KindFundPayment, Key: key, Fund: order(paid), Reference: "order-7", Locale: "tr"}
}

func number(n int) *int { return &n }

// fundPaymentID is the payment that iyzico makes in these stories.
const fundPaymentID = "24233528"

func made(fraud int) *payment.MadePayment {
	return &payment.MadePayment{
		PaymentID: fundPaymentID, PaymentStatus: "SUCCESS", FraudStatus: number(fraud), PaidAt: opening,
		Lines: []payment.Line{{ID: "26241258", ItemID: "BI101", PaidAmount: amount("50")}},
	}
}

// newFundStory is a fund payment of 50 that was asked for with the key "k" and sent.
func newFundStory(t *testing.T) *story {
	t.Helper()
	s := newStory(t)
	c := fundCommand("k", "50")
	s.account, s.iyzico = payment.Account{ID: c.AccountID()}, payment.Report{}
	return s.ask(c)
}

// shows makes iyzico list the payment under that conversation id.
func (s *story) shows(change func(*payment.Report)) *story {
	m := made(1)
	s.iyzico = payment.Report{
		Listed: true, PaymentID: m.PaymentID, Currency: money.TRY, Charged: true, PaidAt: opening, Lines: m.Lines, PaidAmount: amount("50"),
		PaymentStatus: "SUCCESS", FraudStatus: number(1), ConversationID: fundConversation(1),
	}
	if change != nil {
		change(&s.iyzico)
	}
	return s
}

func fundConversation(attempt int) string {
	return payment.ConversationID(fundCommand("k", "50").OperationID(), attempt)
}

func (s *story) paid(v payment.Verdict, fraud int) *story {
	s.t.Helper()
	return s.decide(payment.Answered{Call: *s.call, Verdict: v, Made: made(fraud)})
}

func TestAFundPaymentIsSentWithoutAnyRead(t *testing.T) {
	t.Parallel()
	s := newFundStory(t).sent(fundConversation(1)).is("k", payment.StatusProcessing, payment.StateSending)
	if s.reads != 0 || s.account.Version != 1 {
		t.Errorf("%d reads, version %d", s.reads, s.account.Version)
	}
	c := *s.call
	if c.API != payment.APIFund || !c.Amount.Equal(amount("50")) || c.PaymentID != "" || c.Command.Fund == nil || !c.Deadline.Equal(s.now.Add(20*time.Second)) {
		t.Errorf("call %+v", c)
	}
	id := s.op("k").ID
	if account, ok := payment.AccountOf(id); !ok || account != s.account.ID || !strings.HasPrefix(id, "fp_") || len(id) != 29 {
		t.Errorf("id %s on %s", id, account)
	}
	s.ask(fundCommand("k", "50")).refused(payment.CodeInProgress)
	s.ask(fundCommand("k", "51")).refused(payment.CodeKeyReused)
}

func TestAFundPaymentsSuccessKeepsThePaymentAndStaysDueUntilItsAccountIsOpen(t *testing.T) {
	t.Parallel()
	s := newFundStory(t).paid(succeeded, 1).is("k", payment.StatusSucceeded).silent()
	r := s.op("k").Resource(s.account.PaymentID)
	want := payment.LineView{PaymentTransactionID: "26241258", ItemID: "BI101", PaidAmount: "50.00", RefundedAmount: "0.00", ReservedAmount: "0.00", RefundableAmount: "50.00"}
	if r.PaymentID != fundPaymentID || r.PaymentStatus != "SUCCESS" || *r.FraudStatus != 1 || r.Price != "50.00" || r.PaidPrice != "50.00" || r.Amount != "50.00" ||
		r.Currency != "TRY" || r.RefundedAmount != "" || r.Reference != "order-7" || !slices.Equal(r.Lines, []payment.LineView{want}) {
		t.Errorf("resource %+v", r)
	}
	if s.account.DueAt().IsZero() {
		t.Error("nothing is due, and the payment's account is not open")
	}
	s.decide(payment.SeedDone{OperationID: s.op("k").ID})
	if !s.account.DueAt().IsZero() {
		t.Errorf("due at %v with everything done", s.account.DueAt())
	}
	s.saved(0, func() { s.decide(payment.SeedDone{OperationID: s.op("k").ID}) })
	s.ask(fundCommand("k", "50")).silent().is("k", payment.StatusSucceeded)
}

func TestAPaymentsAccountIsOpenedOnceAndCanBeRefundedWithoutARead(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.account = payment.Account{ID: payment.PaymentAccount(fundPaymentID)}
	m := made(1)
	seed := payment.Seeded{PaymentID: m.PaymentID, Currency: money.TRY, PaidAt: m.PaidAt, Lines: m.Lines}
	s.saved(1, func() { s.decide(seed) }).sums("0.00", "0.00", "50.00")
	c := refund("r", "20")
	c.PaymentID = fundPaymentID
	s.ask(c).sent(c.OperationID() + "-1").answer(succeeded)
	if s.reads != 0 {
		t.Errorf("%d reads", s.reads)
	}
	s.saved(0, func() { s.decide(seed) }).sums("20.00", "0.00", "30.00")
	if !s.account.DueAt().IsZero() {
		t.Errorf("due at %v", s.account.DueAt())
	}
	s.account.PaidAt = m.PaidAt.Add(3 * time.Hour) // iyzico's report has told more since
	s.saved(0, func() { s.decide(seed) })
}

func TestHowAnswersMoveAFundPayment(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		verdict payment.Verdict
		want    payment.Status
	}{
		"not sent": {notSent, payment.StatusNotSent}, "refused": {rejected, payment.StatusRejected}, "lost": {lost, payment.StatusUnknown},
	} {
		s := newFundStory(t).answer(tc.verdict).is("k", tc.want)
		if seeded := s.op("k").Fund.Seeded; seeded || s.op("k").Fund.Made.PaymentID != "" {
			t.Errorf("%s: knows of a payment", name)
		}
	}
	newFundStory(t).answer(notSent).ask(fundCommand("k", "60")).sent(fundConversation(2)) // a free key takes another body
	newFundStory(t).answer(rejected).ask(fundCommand("k", "50")).silent().is("k", payment.StatusRejected)
	newFundStory(t).answer(lost).ask(fundCommand("k", "50")).silent().is("k", payment.StatusUnknown)
}

func TestPositiveEvidenceSettlesALostFundPayment(t *testing.T) {
	t.Parallel()
	s := newFundStory(t).answer(lost).pass(time.Minute).shows(nil).read().is("k", payment.StatusSucceeded)
	if op := s.op("k"); op.Fund.Made.PaymentID != fundPaymentID || len(op.Fund.Made.Lines) != 1 || s.account.DueAt().IsZero() {
		t.Errorf("fund %+v, due %v", op.Fund.Made, s.account.DueAt())
	}
	detail := func(r *payment.Report) { r.Listed = false }
	newFundStory(t).answer(lost).pass(time.Minute).shows(detail).read().is("k", payment.StatusSucceeded)
	s = newFundStory(t).pass(21 * time.Second) // the process died: nobody answered
	s.decide(payment.Due{}).is("k", payment.StatusUnknown).shows(nil).read().is("k", payment.StatusSucceeded)
}

func TestContradictingEvidenceAboutALostFundPaymentAsksForAPerson(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*payment.Report){
		"another amount": func(r *payment.Report) { r.PaidAmount = amount("49.99") },
		"another currency": func(r *payment.Report) {
			r.PaidAmount, r.Currency = money.New(amount("50").Decimal(), money.EUR), money.EUR
		},
		"another conversation": func(r *payment.Report) { r.ConversationID = fundConversation(2) },
		"no conversation":      func(r *payment.Report) { r.ConversationID = "" },
		"two payments":         func(r *payment.Report) { r.Ambiguous = true },
		"refused for fraud":    func(r *payment.Report) { r.Charged, r.Refused, r.FraudStatus = false, true, number(-1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newFundStory(t).answer(lost).pass(time.Minute).shows(change).read().is("k", payment.StatusNeedsReview)
		})
	}
	unclear := func(r *payment.Report) { r.Charged, r.PaymentStatus, r.FraudStatus = false, "", nil }
	s := newFundStory(t).answer(lost).pass(time.Minute).shows(unclear).read().is("k", payment.StatusUnknown)
	s.pass(window+time.Minute).read().is("k", payment.StatusNeedsReview)
}

func TestAbsenceNeverEndsAFundPaymentAsNotExecuted(t *testing.T) {
	t.Parallel()
	s := newFundStory(t).answer(lost)
	for i := range 2 {
		s.pass(window/4+time.Second).read().is("k", payment.StatusUnknown)
		if got := s.op("k").Legs[0].Absences; got != i+1 {
			t.Fatalf("%d absences after %d reads", got, i+1)
		}
	}
	s.pass(time.Minute).read().is("k", payment.StatusUnknown) // too early
	s.pass(window).read().is("k", payment.StatusNeedsReview)
	for range 30 {
		s.pass(2*time.Hour).read().is("k", payment.StatusNeedsReview)
	}
	s.ask(fundCommand("k", "50")).silent().is("k", payment.StatusNeedsReview)
	s.shows(nil).read().is("k", payment.StatusSucceeded) // iyzico lists it at last
}

func TestAFundPaymentInReviewFollowsIyzicosDecision(t *testing.T) {
	t.Parallel()
	reviewed := func(t *testing.T) *story {
		s := newFundStory(t).paid(payment.VerdictInReview, 0).is("k", payment.StatusInReview)
		if s.account.DueAt().IsZero() || s.op("k").Resource("").PaymentID != fundPaymentID {
			t.Fatalf("due %v, %+v", s.account.DueAt(), s.op("k").Fund)
		}
		return s.pass(time.Hour)
	}
	waiting := func(r *payment.Report) { r.Charged, r.FraudStatus = false, number(0) }
	refused := func(r *payment.Report) { r.Charged, r.Refused, r.FraudStatus = false, true, number(-1) }
	reviewed(t).shows(waiting).read().is("k", payment.StatusInReview).shows(nil).read().is("k", payment.StatusSucceeded)
	reviewed(t).read().is("k", payment.StatusInReview) // not listed yet
	s := reviewed(t).shows(refused).read().is("k", payment.StatusRejected)
	if r := s.op("k").Resource(""); *r.FraudStatus != -1 || s.account.DueAt().IsZero() {
		t.Errorf("fraudStatus %d, follow-up %v", *r.FraudStatus, s.account.DueAt())
	}
	s.pass(time.Hour).shows(nil).read().is("k", payment.StatusNeedsReview) // I5
	if !s.op("k").Alarmed {
		t.Error("no alarm")
	}
	hidden := func(r *payment.Report) { r.ConversationID = "" } // by iyzico's own id it is evidence all the same
	reviewed(t).shows(hidden).read().is("k", payment.StatusSucceeded)
	other := func(r *payment.Report) { r.PaymentID = "24233529" }
	if s := reviewed(t).shows(other).read().is("k", payment.StatusInReview); !s.op("k").Alarmed {
		t.Error("another payment under our id raised no alarm")
	}
	s = reviewed(t).shows(waiting)
	for s.op("k").Status() == payment.StatusInReview && s.now.Sub(opening) < 8*24*time.Hour {
		s.pass(time.Hour).read()
	}
	if s.is("k", payment.StatusNeedsReview); s.now.Sub(opening) < 7*24*time.Hour {
		t.Errorf("after %s", s.now.Sub(opening))
	}
	newFundStory(t).answer(lost).pass(time.Minute).shows(waiting).read().is("k", payment.StatusInReview)
}

func TestAFundPaymentThatCannotBeReadForADayAsksForAPerson(t *testing.T) {
	t.Parallel()
	s := newFundStory(t).answer(lost)
	s.pass(23*time.Hour).unreadable().is("k", payment.StatusUnknown)
	s.pass(2*time.Hour).unreadable().is("k", payment.StatusNeedsReview)
}

func TestAPersonResolvesAFundPayment(t *testing.T) {
	t.Parallel()
	review := func(t *testing.T) *story {
		s := newFundStory(t).answer(lost)
		for range 3 {
			s.pass(window).read()
		}
		return s.is("k", payment.StatusNeedsReview)
	}
	resolve := func(s *story, d payment.Decision) *story {
		report := s.report()
		return s.decide(payment.Resolved{OperationID: s.op("k").ID, Decision: d, Reason: "looked it up", By: "op-1", Report: &report})
	}
	resolve(review(t), payment.DecideNotExecuted).is("k", payment.StatusNotExecuted).ask(fundCommand("k", "50")).silent()
	s := resolve(review(t), payment.DecideSucceeded).is("k", payment.StatusSucceeded)
	if r := s.op("k").Resource(""); r.PaymentID != "" || !s.account.DueAt().IsZero() {
		t.Errorf("payment %q, due %v", r.PaymentID, s.account.DueAt())
	}
	other := func(r *payment.Report) { r.PaidAmount = amount("49") }
	s = resolve(review(t).shows(other), payment.DecideSucceeded).is("k", payment.StatusSucceeded)
	if r := s.op("k").Resource(""); r.PaymentID != fundPaymentID || s.account.DueAt().IsZero() {
		t.Errorf("payment %q, due %v", r.PaymentID, s.account.DueAt())
	}
	s = newFundStory(t).answer(rejected).pass(time.Hour).shows(nil).read().is("k", payment.StatusNeedsReview)
	resolve(s, payment.DecideNotExecuted).refused(payment.CodeNotResolvable)
	resolve(s, payment.DecideSucceeded).is("k", payment.StatusSucceeded)
	resolve(newFundStory(t).answer(lost), payment.DecideNotExecuted).refused(payment.CodeNotResolvable)
}

func TestARestoredTableAsksIyzicoBeforeAFundPaymentThatItMayHaveForgotten(t *testing.T) {
	t.Parallel()
	restored := func(t *testing.T) *story {
		s := newStory(t)
		s.rules.RestoredAt = opening
		s.account, s.iyzico = payment.Account{ID: fundCommand("k", "50").AccountID()}, payment.Report{}
		return s
	}
	s := restored(t).ask(fundCommand("k", "50")).sent(fundConversation(1))
	if s.reads != 1 {
		t.Errorf("%d reads", s.reads)
	}
	second := func(r *payment.Report) { r.ConversationID = fundConversation(2) }
	s = restored(t).shows(second).ask(fundCommand("k", "50")).silent().is("k", payment.StatusSucceeded)
	if op := s.op("k"); !op.Restored || op.Attempts != 2 || op.Fund.Made.PaymentID != fundPaymentID {
		t.Errorf("operation %+v", op)
	}
	waiting := func(r *payment.Report) { r.Charged, r.FraudStatus = false, number(0) }
	restored(t).shows(waiting).ask(fundCommand("k", "50")).silent().is("k", payment.StatusInReview)
}

func TestFundPaymentsAreNotMarkedWithTooLittleTime(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.account, s.left = payment.Account{ID: fundCommand("k", "50").AccountID()}, 4*time.Second
	s.saved(0, func() { s.ask(fundCommand("k", "50")) }).refused(payment.CodeUnavailable)
}

func TestAFundPaymentsFingerprintIsWhatMovesMoney(t *testing.T) {
	t.Parallel()
	of := func(change func(*payment.Command)) string {
		c := fundCommand("k", "50")
		if change != nil {
			change(&c)
		}
		return c.Fingerprint()
	}
	for name, change := range map[string]func(*payment.Command){
		"access token":   func(c *payment.Command) { c.Fund.AccessToken = "another" },
		"verify session": func(c *payment.Command) { c.Fund.VerifySession = true },
		"ip":             func(c *payment.Command) { c.Fund.Buyer.IP = "192.0.2.1" },
		"locale":         func(c *payment.Command) { c.Locale = "en" },
		"session":        func(c *payment.Command) { c.Fund.SessionToken = "another" },
		"name":           func(c *payment.Command) { c.Fund.BasketItems[0].Name = "another" },
		"buyer":          func(c *payment.Command) { c.Fund.Buyer.Email = "another" },
		"shipping":       func(c *payment.Command) { c.Fund.ShippingAddress = nil },
		"callback":       func(c *payment.Command) { c.Fund.CallbackURL = "https://shop.example/another" },
		"group":          func(c *payment.Command) { c.Fund.PaymentGroup = "LISTING" },
		"reference":      func(c *payment.Command) { c.Reference = "another" },
		"amount's scale": func(c *payment.Command) { c.Fund.PaidAmount = amount("50.00") },
	} {
		if of(change) != of(nil) {
			t.Errorf("%s is part of the fingerprint", name)
		}
	}
	for name, change := range map[string]func(*payment.Command){
		"member":    func(c *payment.Command) { c.Fund.MemberIdentifier = "another" },
		"paid":      func(c *payment.Command) { c.Fund.PaidAmount = amount("50.01") },
		"price":     func(c *payment.Command) { c.Fund.PriceAmount = amount("50.01") },
		"item":      func(c *payment.Command) { c.Fund.BasketItems[0].PriceAmount = amount("50.01") },
		"item's id": func(c *payment.Command) { c.Fund.BasketItems[0].ID = "another" },
		"currency":  func(c *payment.Command) { c.Currency = money.EUR },
	} {
		if of(change) == of(nil) {
			t.Errorf("%s is not part of the fingerprint", name)
		}
	}
}

func TestNothingOfAnOrderIsStoredPrintedOrPublished(t *testing.T) {
	t.Parallel()
	c := fundCommand("k", "50")
	s := newFundStory(t)
	before := s.account
	s.paid(succeeded, 1)
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	events, err := json.Marshal(payment.Changes(before, s.account))
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "order", *c.Fund, "command", c, "buyer", c.Fund.Buyer, "address", c.Fund.BillingAddress)
	for name, text := range map[string]string{
		"the store": string(encode(t, s.account)), "the mark": string(encode(t, before)), "JSON": string(encoded), "events": string(events), "the log": logged.String(),
		"%+v": fmt.Sprintf("%+v %v %#v %+v %v", c, *c.Fund, *c.Fund, c.Fund.Buyer, c.Fund.BillingAddress), "an error": fmt.Sprint(errors.Join(s.err)),
	} {
		if strings.Contains(text, "canary") {
			t.Errorf("%s shows %s", name, text)
		}
	}
	if !strings.Contains(string(events), "fund_payment.succeeded") || !strings.Contains(string(events), fundPaymentID) {
		t.Errorf("events %s", events)
	}
}

func TestIyzicosContradictionsAboutAFundPaymentAlarm(t *testing.T) {
	t.Parallel()
	s := newFundStory(t)
	call := *s.call
	s.answer(lost).pass(time.Minute).shows(nil).read().is("k", payment.StatusSucceeded)
	other := made(1)
	other.PaymentID = "24233529"
	s.decide(payment.Answered{Call: call, Verdict: succeeded, Made: other}).is("k", payment.StatusSucceeded)
	if op := s.op("k"); !op.Alarmed || op.Fund.Made.PaymentID != fundPaymentID {
		t.Errorf("a late answer that names another payment: %+v", op)
	}
	refused := func(r *payment.Report) { r.Charged, r.Refused, r.FraudStatus = false, true, number(-1) }
	s = newFundStory(t).paid(succeeded, 1).pass(time.Minute).shows(refused).read().is("k", payment.StatusSucceeded)
	if !s.op("k").Alarmed {
		t.Error("a report that holds the payment for refused raised no alarm")
	}
}

func TestWhatOnlyDetailShowsKeepsWhatTheAnswerSaid(t *testing.T) {
	t.Parallel()
	s := newFundStory(t).paid(payment.VerdictInReview, 0).pass(time.Hour)
	s.shows(func(r *payment.Report) { r.Listed, r.PaidAt, r.PaymentStatus = false, time.Time{}, "" }).read().is("k", payment.StatusSucceeded)
	if m := s.op("k").Fund.Made; !m.PaidAt.Equal(opening) || m.PaymentStatus != "SUCCESS" || *m.FraudStatus != 1 {
		t.Errorf("%+v", m)
	}
}
