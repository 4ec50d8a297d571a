package payment_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

const (
	paymentID = "10000001"
	window    = 16 * time.Minute // a quarter of it is 4 minutes
)

// opening is noon in Istanbul.
var opening = time.Date(2031, time.March, 10, 9, 0, 0, 0, time.UTC)

func amount(text string) money.Amount {
	return money.New(decimal.RequireFromString(text), money.TRY)
}

// story plays events on one account through Decide, in the stored form between any two of them, and checks after each
// what must always hold.
type story struct {
	t       *testing.T
	rules   payment.Rules
	now     time.Time
	left    time.Duration // of the handler's time
	account payment.Account
	iyzico  payment.Report   // what iyzico knows
	rows    []payment.DayRow // of every day; nil = what the report lists
	reads   int              // reports that Decide asked for
	over    bool             // more than was paid may be refunded: something outside of our control happened

	call *payment.Call // the last that Decide gave
	err  error
}

// newStory is a payment of lines with these paid amounts, ids "1", "2", …, charged an hour ago and not known to us yet.
func newStory(t *testing.T, lines ...string) *story {
	t.Helper()
	s := &story{
		t: t, rules: payment.Rules{SettleWindow: window, SendTimeout: 20 * time.Second, BalanceExpiry: 24 * time.Hour}, now: opening, left: 27 * time.Second,
		account: payment.Account{ID: payment.PaymentAccount(paymentID)},
		iyzico: payment.Report{
			Listed: true, PaymentID: paymentID, Currency: money.TRY, Charged: true, PaidAt: opening.Add(-time.Hour),
		},
	}
	for i, paid := range lines {
		s.iyzico.Lines = append(s.iyzico.Lines, payment.Line{ID: lineID(i), ItemID: "item", PaidAmount: amount(paid)})
	}
	return s
}

func lineID(i int) string { return string(rune('1' + i)) }

// report is what iyzico says now.
func (s *story) report() payment.Report {
	r := s.iyzico
	r.Entries = slices.Clone(r.Entries)
	r.ReadAt, r.SystemTime = s.now, s.now
	if r.PaidAmount.IsZero() {
		r.PaidAmount = s.total()
	}
	if r.RefundStatus == "" {
		r.RefundStatus = s.refundStatus()
	}
	return r
}

// refundStatus is the word that fits what iyzico lists.
func (s *story) refundStatus() payment.RefundStatus {
	sum := money.Zero(money.TRY)
	for _, e := range s.iyzico.Entries {
		if e.Status == 1 && e.Amount.Currency() == money.TRY {
			sum = sum.Add(e.Amount)
		}
	}
	switch {
	case sum.Sign() == 0:
		return payment.NotRefunded
	case sum.Cmp(s.total()) < 0:
		return payment.PartiallyRefunded
	}
	return payment.TotallyRefunded
}

// day is iyzico's list of a day: what the report lists as done, unless the story says otherwise.
func (s *story) day(day payment.Day) payment.DayList {
	list := payment.DayList{Day: day, ReadAt: s.now, SystemTime: s.now, Rows: slices.Clone(s.rows)}
	for _, e := range s.iyzico.Entries {
		if e.Status != 1 || s.rows != nil || !e.CreatedAt.IsZero() && payment.DayOf(e.CreatedAt) != day {
			continue
		}
		row := payment.DayRow{
			Kind: payment.DayRowRefund, TransactionID: e.TxID, PaymentID: paymentID, LineID: e.LineID, ConversationID: e.ConversationID,
			Amount: e.Amount, At: e.CreatedAt,
		}
		if e.Cancel {
			row.Kind, row.LineID = payment.DayRowCancel, "1"
		}
		list.Rows = append(list.Rows, row)
	}
	return list
}

// days reads the day lists that the account needs now, as reconcile does.
func (s *story) days() *story {
	s.t.Helper()
	var listed payment.Listed
	for _, day := range s.account.DaysNeeded(s.now) {
		listed.Lists = append(listed.Lists, s.day(day))
	}
	if len(listed.Lists) == 0 {
		return s
	}
	return s.decide(listed)
}

// decide applies one event.
func (s *story) decide(e payment.Event) *story {
	s.t.Helper()
	big := len(s.account.Operations) > 25 || len(s.iyzico.Lines) > 100 // encoding it at each step would only take time
	var before []byte
	if !big {
		before = encode(s.t, s.account)
	}
	next, call, err := s.rules.Decide(s.account, e, s.now)
	if !big && !bytes.Equal(before, encode(s.t, s.account)) {
		s.t.Fatalf("%T changed the account that Decide was given", e)
	}
	switch {
	case next.Version == s.account.Version:
		if !reflect.DeepEqual(next, s.account) || call != nil {
			s.t.Fatalf("%T: another account or a call under the same version", e)
		}
	case next.Version != s.account.Version+1:
		s.t.Fatalf("%T: version %d after %d", e, next.Version, s.account.Version)
	}
	s.call, s.err = call, err
	if errors.Is(err, payment.ErrReadFirst) {
		return s
	}
	s.account = next
	if !big && next.Version > 0 {
		stored, err := payment.DecodeAccount(encode(s.t, next))
		if err != nil {
			s.t.Fatal(err)
		}
		s.account = stored
	}
	s.check()
	return s
}

// check holds whatever happened: no line gives more than it has, and what is unfinished is due some time (I4, I7).
func (s *story) check() {
	s.t.Helper()
	totals := s.account.Totals()
	for _, line := range totals.Lines {
		if sum := line.RefundedAmount.Add(line.ReservedAmount); !s.over && sum.Cmp(line.Line.PaidAmount) > 0 {
			s.t.Fatalf("line %s: %s refunded and reserved of %s", line.Line.ID, sum, line.Line.PaidAmount)
		}
	}
	if sum := totals.RefundedAmount.Add(totals.ReservedAmount); !s.over && sum.Cmp(totals.PaidAmount) > 0 {
		s.t.Fatalf("%s refunded and reserved of %s", sum, totals.PaidAmount)
	}
	due := s.account.DueAt()
	for i := range s.account.Operations {
		op := &s.account.Operations[i]
		if op.Status().Unfinished() && due.IsZero() {
			s.t.Fatalf("%s is %s and nothing is due", op.ID, op.Status())
		}
		if definite := !op.Status().Unfinished() && op.Status() != payment.StatusNotSent; definite == op.SettledAt.IsZero() {
			s.t.Fatalf("%s is %s, settled at %v", op.ID, op.Status(), op.SettledAt)
		}
	}
}

// ask sends a command, reading the report if Decide asks for it.
func (s *story) ask(c payment.Command) *story {
	s.t.Helper()
	return s.request(payment.Requested{Command: c})
}

func (s *story) request(e payment.Requested) *story {
	s.t.Helper()
	e.Until = s.now.Add(s.left)
	version := s.account.Version
	s.decide(e)
	if errors.Is(s.err, payment.ErrReadFirst) {
		if s.account.Version != version {
			s.t.Fatal("something was saved before the report was read")
		}
		s.reads++
		report := s.report()
		e.Report = &report
		s.decide(e)
	}
	return s
}

// answer brings the answer to the last call; the next leg's call, if any, becomes the last.
func (s *story) answer(v payment.Verdict) *story {
	s.t.Helper()
	if s.call == nil {
		s.t.Fatalf("nothing was sent: %v", s.err)
	}
	return s.answerTo(*s.call, v)
}

func (s *story) answerTo(c payment.Call, v payment.Verdict) *story {
	s.t.Helper()
	a := payment.Answered{Call: c, Verdict: v}
	switch v {
	case payment.VerdictSucceeded:
		a.Proof = payment.Proof{AuthCode: "512821", HostReference: "host", SignatureVerified: true}
	case payment.VerdictRejected:
		a.Failure = &payment.Failure{Reason: "refused", Code: "10051", Message: "not enough", Group: "NOT_SUFFICIENT_FUNDS"}
	case payment.VerdictNotSent:
		a.Failure = &payment.Failure{Reason: "unreachable", Message: "iyzico could not be reached"}
	case payment.VerdictUnknown:
		a.Failure = &payment.Failure{Reason: "timeout", Message: "no answer"}
	case payment.VerdictOpened:
		a.Opened = &payment.Opened{SealedURL: "sealed-url", TokenHash: payment.HashToken("token")}
	case payment.VerdictInReview:
	}
	return s.decide(a)
}

// pass lets time go by.
func (s *story) pass(d time.Duration) *story {
	s.now = s.now.Add(d)
	return s
}

// read is one successful read of the report by reconcile, and of the day lists where they are needed.
func (s *story) read() *story {
	s.t.Helper()
	return s.decide(payment.Observed{Report: s.report()}).days()
}

func (s *story) unreadable() *story {
	s.t.Helper()
	return s.decide(payment.Due{Unreadable: true})
}

// lists adds an entry of that conversationId to iyzico's report, made now.
func (s *story) lists(conversationID, line, sum string, status int) *story {
	s.iyzico.Entries = append(s.iyzico.Entries, payment.Entry{
		TxID: "tx" + string(rune('A'+len(s.iyzico.Entries))), ConversationID: conversationID, LineID: line, Amount: amount(sum),
		Status: status, CreatedAt: s.now, AuthCode: "auth", HostReference: "bank",
	})
	return s
}

// failed gives the last entry an error code: iyzico says that the attempt failed.
func (s *story) failed() *story {
	s.iyzico.Entries[len(s.iyzico.Entries)-1].ErrorCode = "10051"
	return s
}

// listsCancel adds a cancel to iyzico's report, made now.
func (s *story) listsCancel(conversationID string, status int) *story {
	s.lists(conversationID, "", "0", status)
	last := &s.iyzico.Entries[len(s.iyzico.Entries)-1]
	last.Cancel, last.Amount = true, s.total()
	return s
}

func (s *story) total() money.Amount {
	sum := money.Zero(money.TRY)
	for _, line := range s.iyzico.Lines {
		sum = sum.Add(line.PaidAmount)
	}
	return sum
}

func (s *story) op(key string) *payment.Operation {
	s.t.Helper()
	for i := range s.account.Operations {
		if s.account.Operations[i].Key == key {
			return &s.account.Operations[i]
		}
	}
	s.t.Fatalf("no operation of key %s", key)
	return nil
}

// conversation is the conversationId of an attempt of the key's refund.
func conversation(key string, attempt int) string {
	return payment.ConversationID(refund(key, "1").OperationID(), attempt)
}

// is checks the operation's status and its legs' states.
func (s *story) is(key string, status payment.Status, legs ...payment.State) *story {
	s.t.Helper()
	op := s.op(key)
	var states []payment.State
	for i := range op.Legs {
		states = append(states, op.Legs[i].State)
	}
	if op.Status() != status || (legs != nil && !slices.Equal(states, legs)) {
		s.t.Fatalf("%s is %s %v, want %s %v (error %v)", key, op.Status(), states, status, legs, s.err)
	}
	return s
}

// sums checks the payment's totals.
func (s *story) sums(refunded, reserved, refundable string) *story {
	s.t.Helper()
	t := s.account.Totals()
	if t.RefundedAmount.String() != refunded || t.ReservedAmount.String() != reserved || t.RefundableAmount.String() != refundable {
		s.t.Fatalf("refunded %s, reserved %s, refundable %s; want %s, %s, %s",
			t.RefundedAmount, t.ReservedAmount, t.RefundableAmount, refunded, reserved, refundable)
	}
	return s
}

// sent checks that the last event marked a request of that conversationId.
func (s *story) sent(conversationID string) *story {
	s.t.Helper()
	if s.err != nil || s.call == nil || s.call.ConversationID != conversationID {
		s.t.Fatalf("sent %+v, %v; want %s", s.call, s.err, conversationID)
	}
	return s
}

// silent checks that the last event sent nothing and refused nothing.
func (s *story) silent() *story {
	s.t.Helper()
	if s.err != nil || s.call != nil {
		s.t.Fatalf("sent %+v, error %v; want neither", s.call, s.err)
	}
	return s
}

// refused checks the code with which the last event was refused, and that nothing was sent.
func (s *story) refused(code payment.Code) *payment.Error {
	s.t.Helper()
	var e *payment.Error
	if !errors.As(s.err, &e) || e.Code != code || s.call != nil {
		s.t.Fatalf("sent %+v, error %v; want %s", s.call, s.err, code)
	}
	if e.Message == "" {
		s.t.Fatalf("%s says nothing to the caller", code)
	}
	return e
}

// saved checks by how many versions fn moved the account on.
func (s *story) saved(versions int64, fn func()) *story {
	s.t.Helper()
	before := s.account.Version
	fn()
	if got := s.account.Version - before; got != versions {
		s.t.Fatalf("%d saves, want %d", got, versions)
	}
	return s
}

func encode(t *testing.T, a payment.Account) []byte {
	t.Helper()
	data, err := payment.EncodeAccount(a)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// refund is a command for an amount of the payment.
func refund(key, sum string) payment.Command {
	return payment.Command{
		Kind: payment.KindRefund, PaymentID: paymentID, Key: key, Amount: amount(sum), Destination: payment.ToCard, Locale: "tr",
	}
}

func onLine(c payment.Command, line string) payment.Command {
	c.LineID = line
	return c
}

func allocated(c payment.Command, a payment.Allocation) payment.Command {
	c.Allocation = a
	return c
}

func full(key string) payment.Command {
	c := refund(key, "1")
	c.Amount, c.Full = money.Amount{}, true
	return c
}

func cancel(key string) payment.Command {
	return payment.Command{Kind: payment.KindCancel, PaymentID: paymentID, Key: key, Locale: "tr"}
}

func reversal(key string) payment.Command {
	return payment.Command{Kind: payment.KindReversal, PaymentID: paymentID, Key: key, Locale: "tr"}
}
