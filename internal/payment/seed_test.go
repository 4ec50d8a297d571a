package payment_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// table is a store in memory. Its failAt-th save fails without storing anything.
type table struct {
	t      *testing.T
	items  map[payment.AccountID][]byte
	saves  int
	failAt int
}

func (s *table) Load(_ context.Context, id payment.AccountID) (payment.Account, error) {
	if data, ok := s.items[id]; ok {
		return payment.DecodeAccount(data)
	}
	return payment.Account{ID: id}, nil
}

func (s *table) Save(ctx context.Context, next payment.Account) error {
	old, err := s.Load(ctx, next.ID)
	if err != nil || old.Version != next.Version-1 {
		return errors.Join(payment.ErrConflict, err)
	}
	if s.saves++; s.saves == s.failAt {
		return errors.New("the store is away")
	}
	s.items[next.ID] = encode(s.t, next)
	return nil
}

func (s *table) Open(ctx context.Context, dueBefore time.Time, _ string, _ int) ([]payment.AccountID, string, error) {
	var due []payment.AccountID
	for id := range s.items {
		account, err := s.Load(ctx, id)
		if err != nil {
			return nil, "", err
		}
		if at := account.DueAt(); !at.IsZero() && !at.After(dueBefore) {
			due = append(due, id)
		}
	}
	return due, "", nil
}

// fundGateway is an iyzico that makes fund payments, and answers every read with report or an error.
type fundGateway struct {
	verdict payment.Verdict
	report  payment.Report
	err     error
	sends   int
	asked   []payment.Query
}

func (g *fundGateway) Send(_ context.Context, c payment.Call) payment.Answered {
	g.sends++
	answer := payment.Answered{Call: c, Verdict: g.verdict}
	switch {
	case c.API != payment.APIFund:
	case g.verdict == payment.VerdictSucceeded:
		answer.Made = made(1)
	case g.verdict == payment.VerdictInReview:
		answer.Made = made(0)
	}
	return answer
}

func (g *fundGateway) Read(_ context.Context, q payment.Query) (payment.Report, error) {
	g.asked = append(g.asked, q)
	return g.report, g.err
}

func (*fundGateway) ReadDay(_ context.Context, q payment.DayQuery) (payment.DayList, error) {
	return payment.DayList{Day: q.Day}, nil
}

type fixedClock struct{ now time.Time }

func (c *fixedClock) Now() time.Time                 { return c.now }
func (*fixedClock) Pause(context.Context, int) error { return nil }

type fundService struct {
	*payment.Service
	table  *table
	iyzico *fundGateway
	clock  *fixedClock
}

func newFundService(t *testing.T, verdict payment.Verdict, restoredAt time.Time) *fundService {
	t.Helper()
	s := &fundService{
		table: &table{t: t, items: map[payment.AccountID][]byte{}}, clock: &fixedClock{opening},
		iyzico: &fundGateway{verdict: verdict, err: &payment.Error{Code: payment.CodeNotFound, Message: "iyzico does not know this payment"}},
	}
	s.Service = payment.NewService(s.table, s.iyzico, s.clock, payment.Rules{SettleWindow: window, SendTimeout: 20 * time.Second, RestoredAt: restoredAt})
	return s
}

func (s *fundService) pay(t *testing.T) payment.Result {
	t.Helper()
	result, err := s.Request(context.Background(), fundCommand("k", "50"), s.clock.now.Add(27*time.Second), payment.RecordNone)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (s *fundService) reconcile(t *testing.T) {
	t.Helper()
	s.clock.now = s.clock.now.Add(time.Minute)
	if _, err := s.Reconcile(context.Background(), s.clock.now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
}

// A fund payment costs four saves: the mark, the answer, the payment's account, the note that it is there. Whichever of
// them fails, the payment's account is there in the end, nothing is sent twice, and what was refunded meanwhile stays.
func TestTheAccountOfAFundPaymentsPaymentIsOpenedWhateverSaveFails(t *testing.T) {
	t.Parallel()
	for failAt := 0; failAt <= 4; failAt++ {
		if failAt == 1 || failAt == 2 {
			continue // nothing is sent, or the answer is lost: TestALostFundPaymentOpensItsPaymentsAccount
		}
		s := newFundService(t, payment.VerdictSucceeded, time.Time{})
		s.table.failAt = failAt
		result := s.pay(t)
		if result.Resource.Status != payment.StatusSucceeded || !result.Sent || result.Resource.PaymentID != fundPaymentID {
			t.Fatalf("save %d fails: %+v", failAt, result)
		}
		c := refund("r", "20")
		c.PaymentID = fundPaymentID
		if failAt != 3 { // then the account is not there yet, and a refund would read iyzico
			if _, err := s.Request(context.Background(), c, s.clock.now.Add(27*time.Second), payment.RecordNone); err != nil {
				t.Fatal(err)
			}
		}
		s.reconcile(t)
		account, err := s.table.Load(context.Background(), payment.PaymentAccount(fundPaymentID))
		if err != nil || account.Version == 0 || len(account.Lines) != 1 || account.Totals().PaidAmount.String() != "50.00" {
			t.Fatalf("save %d fails: %+v, %v", failAt, account, err)
		}
		if ids, _, _ := s.table.Open(context.Background(), opening.Add(1000*time.Hour), "", 9); failAt != 0 && len(ids) > 0 && s.iyzico.sends < 2 {
			t.Errorf("save %d fails: %v is still due", failAt, ids)
		}
		if len(s.iyzico.asked) > 0 {
			t.Errorf("save %d fails: iyzico was read %+v", failAt, s.iyzico.asked)
		}
		if again := s.pay(t); again.Sent || !again.Known || again.Resource.Status != payment.StatusSucceeded {
			t.Errorf("save %d fails: again %+v", failAt, again)
		}
	}
}

func TestALostFundPaymentOpensItsPaymentsAccount(t *testing.T) {
	t.Parallel()
	s := newFundService(t, payment.VerdictUnknown, time.Time{})
	id := s.pay(t).Resource.ID
	s.reconcile(t)
	if q := s.iyzico.asked[0]; q.PaymentConversationID != id+"-1" || q.PaymentID != "" {
		t.Errorf("asked for %+v", q)
	}
	s.iyzico.err = nil
	s.iyzico.report = newFundStory(t).shows(nil).iyzico
	s.clock.now = opening.Add(time.Hour)
	s.iyzico.report.ReadAt = s.clock.now
	s.reconcile(t)
	r, err := s.Operation(context.Background(), id)
	if err != nil || r.Status != payment.StatusSucceeded || r.PaymentID != fundPaymentID {
		t.Fatalf("%+v, %v", r, err)
	}
	account, err := s.table.Load(context.Background(), payment.PaymentAccount(fundPaymentID))
	if err != nil || account.Version != 1 || !account.Charged {
		t.Errorf("%+v, %v", account, err)
	}
	if s.iyzico.sends != 1 {
		t.Errorf("sent %d times", s.iyzico.sends)
	}
}

func TestAPaymentInReviewIsReadByIyzicosOwnIdAndHasNoAccountUntilItIsCharged(t *testing.T) {
	t.Parallel()
	s := newFundService(t, payment.VerdictInReview, time.Time{})
	s.pay(t)
	s.reconcile(t)
	if q := s.iyzico.asked[0]; q.PaymentID != fundPaymentID || q.PaymentConversationID != "" {
		t.Errorf("asked for %+v", q)
	}
	if _, ok := s.table.items[payment.PaymentAccount(fundPaymentID)]; ok {
		t.Error("a payment in review has an account that could be refunded")
	}
}

func TestALineOfAFundPaymentShowsWhatWasRefundedSince(t *testing.T) {
	t.Parallel()
	s := newFundService(t, payment.VerdictSucceeded, time.Time{})
	id := s.pay(t).Resource.ID
	c := refund("r", "20")
	c.PaymentID = fundPaymentID
	if _, err := s.Request(context.Background(), c, s.clock.now.Add(27*time.Second), payment.RecordNone); err != nil {
		t.Fatal(err)
	}
	r, err := s.Operation(context.Background(), id)
	if err != nil || r.Lines[0].RefundedAmount != "20.00" || r.Lines[0].RefundableAmount != "30.00" {
		t.Errorf("%+v, %v", r.Lines, err)
	}
}

func TestARestoredTableAsksForEveryAttemptThatMayBeForgotten(t *testing.T) {
	t.Parallel()
	s := newFundService(t, payment.VerdictSucceeded, opening)
	result := s.pay(t)
	if len(s.iyzico.asked) != 3 || s.iyzico.asked[2].PaymentConversationID != result.Resource.ID+"-3" || s.iyzico.sends != 1 {
		t.Errorf("asked %+v, sent %d", s.iyzico.asked, s.iyzico.sends)
	}
	s = newFundService(t, payment.VerdictSucceeded, opening)
	s.iyzico.err = &payment.Error{Code: payment.CodeUnavailable, Message: "iyzico cannot be read now"}
	if _, err := s.Request(context.Background(), fundCommand("k", "50"), s.clock.now.Add(27*time.Second), payment.RecordNone); payment.CodeOf(err) != payment.CodeUnavailable || s.iyzico.sends != 0 {
		t.Errorf("sent %d, %v", s.iyzico.sends, err)
	}
}

func TestARestoredTableLooksAfterTheAttemptsThatItKnows(t *testing.T) {
	t.Parallel()
	s := newFundService(t, payment.VerdictNotSent, opening.Add(time.Hour))
	id := s.pay(t).Resource.ID // before the restore
	s.iyzico.asked, s.iyzico.verdict, s.clock.now = nil, payment.VerdictSucceeded, opening.Add(2*time.Hour)
	if s.pay(t); len(s.iyzico.asked) != 3 || s.iyzico.asked[0].PaymentConversationID != id+"-2" {
		t.Errorf("asked %+v", s.iyzico.asked)
	}
}

func TestLinesAreNotShownWhereTheyCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newFundService(t, payment.VerdictSucceeded, time.Time{})
	id := s.pay(t).Resource.ID
	s.table.items[payment.PaymentAccount(fundPaymentID)] = []byte("not an account")
	if r, err := s.Operation(context.Background(), id); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("%+v, %v", r, err)
	}
}
