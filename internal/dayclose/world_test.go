package dayclose_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// world is iade's domain and a Closer on ports in memory, and an iyzico that keeps books of its own. One goroutine uses it.
type world struct {
	t       *testing.T
	now     time.Time
	service *payment.Service
	closer  *dayclose.Closer

	accounts map[payment.AccountID]payment.Account
	moved    map[string][]payment.Record
	reports  map[string]*payment.Report
	rows     map[payment.Day][]payment.DayRow // oldest first
	number   int

	days   map[payment.Day]dayclose.Record
	parts  map[string]dayclose.Part
	events []dayclose.Event

	// What goes otherwise than it should; nil or zero does the ordinary thing.
	send      func(payment.Call) payment.Answered
	readPage  func(page int) error
	saveDay   func() error
	savePart  func() error
	publish   func() error
	unread    map[string]error // by payment: what reading its report brings
	pageReads int
	reads     int
	waits     []time.Duration
}

var monday = time.Date(2031, time.March, 10, 6, 0, 0, 0, time.UTC) // nine in the morning in Istanbul

func newWorld(t *testing.T) *world {
	w := &world{
		t: t, now: monday, accounts: map[payment.AccountID]payment.Account{}, moved: map[string][]payment.Record{},
		reports: map[string]*payment.Report{}, rows: map[payment.Day][]payment.DayRow{},
		days: map[payment.Day]dayclose.Record{}, parts: map[string]dayclose.Part{}, unread: map[string]error{},
	}
	w.service = payment.NewService(w, iyzico{w}, w, payment.Rules{Marketplace: true, SettleWindow: 15 * time.Minute, SendTimeout: 20 * time.Second})
	w.restart()
	return w
}

// restart makes the Closer of another process.
func (w *world) restart() {
	w.closer = &dayclose.Closer{
		Pages: iyzico{w}, Movements: w, Books: w.service, Store: w, Publisher: w, Now: w.Now,
		Wait: func(ctx context.Context, d time.Duration) error {
			w.waits = append(w.waits, d)
			w.now = w.now.Add(d)
			return ctx.Err()
		},
		Tell: func(context.Context, dayclose.Day, error) {},
	}
}

func (w *world) Now() time.Time                         { return w.now }
func (w *world) Pause(ctx context.Context, _ int) error { return ctx.Err() }

func (w *world) Load(_ context.Context, id payment.AccountID) (payment.Account, error) {
	if a, ok := w.accounts[id]; ok {
		return a, nil
	}
	return payment.Account{ID: id}, nil
}

func (w *world) Save(_ context.Context, next payment.Account) error {
	old := w.accounts[next.ID]
	if old.Version != next.Version-1 {
		return payment.ErrConflict
	}
	if old.Version == 0 {
		old.ID = next.ID
	}
	w.accounts[next.ID] = next
	for _, r := range payment.Records(old, next) {
		if r.Movement != nil {
			day := payment.IstanbulDay(r.Movement.At)
			w.moved[day] = append(w.moved[day], r)
		}
	}
	return nil
}

func (w *world) Open(context.Context, time.Time, string, int) ([]payment.AccountID, string, error) {
	return nil, "", nil
}

func (w *world) Moved(_ context.Context, day string) iter.Seq2[payment.Record, error] {
	return func(yield func(payment.Record, error) bool) {
		for _, r := range w.moved[day] {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (w *world) Day(_ context.Context, date payment.Day) (dayclose.Record, error) {
	return w.days[date], nil
}

func (w *world) SaveDay(_ context.Context, r dayclose.Record) error {
	if w.saveDay != nil {
		if err := w.saveDay(); err != nil {
			return err
		}
	}
	if w.days[r.Day.Date].Revision != r.Revision-1 {
		return dayclose.ErrConflict
	}
	w.days[r.Day.Date] = r
	return nil
}

func (w *world) Days(_ context.Context, from, to payment.Day) ([]dayclose.Record, error) {
	var all []dayclose.Record
	for _, date := range slices.Sorted(maps.Keys(w.days)) {
		if date >= from && date <= to {
			all = append(all, w.days[date])
		}
	}
	return all, nil
}

func partKey(date payment.Day, reading time.Time) string {
	return string(date) + "#" + reading.Format(time.RFC3339Nano) + "#"
}

func (w *world) SavePart(_ context.Context, p dayclose.Part) error {
	if w.savePart != nil {
		if err := w.savePart(); err != nil {
			return err
		}
	}
	w.parts[partKey(p.Date, p.Reading)+p.Name] = p
	return nil
}

func (w *world) Parts(_ context.Context, date payment.Day, reading time.Time) ([]dayclose.Part, error) {
	var all []dayclose.Part
	for _, key := range slices.Sorted(maps.Keys(w.parts)) {
		if strings.HasPrefix(key, partKey(date, reading)) {
			all = append(all, w.parts[key])
		}
	}
	return all, nil
}

func (w *world) PublishDay(_ context.Context, e dayclose.Event) error {
	if w.publish != nil {
		if err := w.publish(); err != nil {
			return err
		}
	}
	w.events = append(w.events, e)
	return nil
}

// iyzico is the other side.
type iyzico struct{ w *world }

const pageRows = 40

// sell makes a payment of lines with these amounts.
func (w *world) sell(amounts ...string) string {
	w.number++
	id := fmt.Sprint(20000000 + w.number)
	rep := &payment.Report{
		Listed: true, PaymentID: id, Currency: "TRY", Charged: true, PaidAt: w.now.Add(-time.Hour), PaidAmount: money.Zero("TRY"),
		RefundStatus: payment.NotRefunded,
	}
	for i, amount := range amounts {
		paid := try(amount)
		rep.Lines = append(rep.Lines, payment.Line{ID: fmt.Sprintf("%s%d", id, i+1), PaidAmount: paid})
		rep.PaidAmount = rep.PaidAmount.Add(paid)
	}
	w.reports[id] = rep
	return id
}

func try(amount string) money.Amount { return money.New(decimal.RequireFromString(amount), "TRY") }

// books makes iyzico move money of one line at a moment.
func (w *world) books(paymentID, line, conversationID string, cancel bool, tx string, amount money.Amount, at time.Time) {
	rep := w.reports[paymentID]
	kind := payment.DayRowRefund
	if cancel {
		kind = payment.DayRowCancel
	}
	rep.RefundStatus = payment.PartiallyRefunded
	rep.Entries = append(rep.Entries, payment.Entry{
		TxID: tx, Cancel: cancel, LineID: map[bool]string{false: line}[cancel], ConversationID: conversationID, Amount: amount, Status: 1, CreatedAt: at,
	})
	day := payment.DayOf(at)
	w.rows[day] = append(w.rows[day], payment.DayRow{
		Kind: kind, TransactionID: tx, PaymentID: paymentID, LineID: line, ConversationID: conversationID, Amount: amount, At: at,
	})
}

// execute carries a call out as iyzico does.
func (w *world) execute(c payment.Call) {
	w.number++
	tx := fmt.Sprint(50000000 + w.number)
	rep := w.reports[c.PaymentID]
	switch c.API {
	case payment.APICancel:
		for _, line := range rep.Lines {
			w.books(c.PaymentID, line.ID, c.ConversationID, true, tx, line.PaidAmount, w.now)
		}
		rep.Entries = rep.Entries[:len(rep.Entries)-len(rep.Lines)]
		rep.Entries = append(rep.Entries, payment.Entry{
			TxID: tx, Cancel: true, ConversationID: c.ConversationID, Amount: rep.PaidAmount, Status: 1, CreatedAt: w.now,
		})
	case payment.APIRefundV2:
		left := c.Amount
		for i, line := range rep.Lines {
			part := money.Min(left, line.PaidAmount)
			if part.Sign() > 0 {
				w.books(c.PaymentID, line.ID, c.ConversationID, false, fmt.Sprintf("%s%d", tx, i), part, w.now)
				left = left.Sub(part)
			}
		}
	default:
		w.books(c.PaymentID, c.LineID, c.ConversationID, false, tx, c.Amount, w.now)
	}
}

// Send implements payment.Gateway.
func (y iyzico) Send(_ context.Context, c payment.Call) payment.Answered {
	if y.w.send != nil {
		return y.w.send(c)
	}
	y.w.execute(c)
	return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded}
}

// Read implements payment.Gateway.
func (y iyzico) Read(_ context.Context, q payment.Query) (payment.Report, error) {
	y.w.reads++
	if err := y.w.unread[q.PaymentID]; err != nil {
		return payment.Report{}, err
	}
	rep, ok := y.w.reports[q.PaymentID]
	if !ok {
		return payment.Report{}, &payment.Error{Code: payment.CodeNotFound, Message: "there is no such payment"}
	}
	shown := *rep
	shown.ReadAt, shown.SystemTime = y.w.now, y.w.now
	shown.Entries = slices.Clone(rep.Entries)
	return shown, nil
}

// ReadDay implements payment.Gateway.
func (y iyzico) ReadDay(context.Context, payment.DayQuery) (payment.DayList, error) {
	return payment.DayList{}, errors.New("nobody reads a whole day at once here")
}

// ReadDayPage implements dayclose.Pages.
func (y iyzico) ReadDayPage(_ context.Context, q payment.DayQuery, number int) (payment.DayPage, error) {
	y.w.pageReads++
	if y.w.readPage != nil {
		if err := y.w.readPage(number); err != nil {
			return payment.DayPage{}, err
		}
	}
	rows := y.w.rows[q.Day]
	page := payment.DayPage{Page: number, Pages: (len(rows) + pageRows - 1) / pageRows, SystemTime: y.w.now}
	for i := (number - 1) * pageRows; i < min(number*pageRows, len(rows)); i++ {
		page.Rows = append(page.Rows, rows[len(rows)-1-i])
	}
	return page, nil
}

// ask asks for a refund and gives its operation's id.
func (w *world) ask(c payment.Command) payment.Resource {
	w.t.Helper()
	w.number++
	c.Key = fmt.Sprint("key-", w.number)
	if c.Kind == "" {
		c.Kind = payment.KindRefund
	}
	result, err := w.service.Apply(w.t.Context(), c.AccountID(), payment.Requested{Command: c, Until: w.now.Add(28 * time.Second)})
	if err != nil {
		w.t.Fatal(err)
	}
	return result.Resource
}

func (w *world) refund(paymentID, amount string) payment.Resource {
	w.t.Helper()
	return w.ask(payment.Command{PaymentID: paymentID, Amount: try(amount)})
}

// close closes a day the morning after it.
func (w *world) close(date payment.Day) dayclose.Day {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	d, err := w.closer.Close(w.t.Context(), date, w.now.Add(15*time.Minute))
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// morning is after the day of Istanbul that it is now.
func (w *world) morning() payment.Day {
	date := payment.DayOf(w.now)
	w.now = date.Start().Add(28 * time.Hour)
	return date
}

// lost is a send whose answer never comes; done tells whether iyzico did it.
func (w *world) lost(done bool) func(payment.Call) payment.Answered {
	return func(c payment.Call) payment.Answered {
		if done {
			w.execute(c)
		}
		return payment.Answered{Call: c, Verdict: payment.VerdictUnknown, Failure: &payment.Failure{Reason: "timeout"}}
	}
}

// named are a day's differences in one line each.
func named(d dayclose.Day) []string {
	all := []string{}
	for _, x := range d.Differences {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", x.Kind, x.PaymentID, x.IyzicoAmount, x.IadeAmount)))
	}
	return all
}
