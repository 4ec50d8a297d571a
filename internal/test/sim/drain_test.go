package sim

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/bulk"
	wall "github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/pkg/iyzico"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// The drain of a cancelled concert runs the production code (bulk.Runner, the API, the service, the quota) in virtual
// time against the Ledger behind a limit of iyzico's own.
const (
	drainPerMinute = 50
	drainReserved  = drainPerMinute / 5
	drainSettle    = (drainPerMinute + 2) / 3 // of the report's limit: each payment's first refund reads its report
	drainLatency   = 300 * time.Millisecond   // to iyzico, and the same back
)

// TestARefundedConcertDrainsAtTheLimitAndLeavesCallersTheirFifth: 20,000 refunds of payments that iade
// does not know go out as fast as what is left of the report's limit lets them be read, iyzico never has to say 50000, and callers who wait get their fifth in every minute.
func TestARefundedConcertDrainsAtTheLimitAndLeavesCallersTheirFifth(t *testing.T) {
	t.Parallel()
	many, few := 20_000, 2_000
	if testing.Short() || raceDetector {
		many, few = few, few/4
	}
	t.Run("four processes", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) { drain(t, many, 4) })
	})
	t.Run("one process", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) { drain(t, few, 1) })
	})
}

func drain(t *testing.T, refunds, processes int) {
	bank := &limitedIyzico{counts: map[string]int{}}
	bank.ledger = iyzicotest.NewLedger(time.Now)
	memory, slots := newMemory(), &countedSlots{totals: map[string]int{}}
	api := &drainAPI{}
	for range processes {
		gateway := psp.WithQuota(bank, slots, wall.Wall{}.Now, drainPerMinute)
		service := payment.NewService(memory, gateway, wall.Wall{}, payment.Rules{SettleWindow: 15 * time.Minute, SendTimeout: 20 * time.Second})
		api.processes = append(api.processes, &ingress.API{Service: service, Log: slog.New(slog.DiscardHandler)})
	}
	file, err := bulk.Read(strings.NewReader(concert(t, bank.ledger, refunds)), bulk.Options{KeyPrefix: bulk.DefaultKeyPrefix})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	storefront := newStorefront(t, api, bank.ledger)
	ctx, stop := context.WithCancel(t.Context())
	var shop sync.WaitGroup
	shop.Go(func() { storefront.open(ctx) })
	runner := bulk.Runner{API: api, Parallel: 8, Patience: 10 * time.Minute, SettleTime: time.Hour}
	outcomes, err := runner.Run(t.Context(), file.Lines)
	took := time.Since(began)
	stop()
	shop.Wait()
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if !o.Done() {
			t.Fatalf("line %d: %+v", file.Lines[i].Number, o)
		}
	}
	for _, line := range file.Lines {
		if n := len(bank.ledger.Executions(line.PaymentID)); n != 1 {
			t.Fatalf("payment %s has %d executions", line.PaymentID, n)
		}
	}
	if n := bank.refusals.Load(); n != 0 {
		t.Errorf("iyzico said 50000 %d times", n)
	}
	if storefront.refused > 0 {
		t.Errorf("%d of %d calls of people who wait were not taken", storefront.refused, storefront.asked)
	}
	const minute = time.Minute
	shared := drainPerMinute - drainReserved - drainSettle
	ideal := time.Duration((refunds+shared-1)/shared) * minute
	t.Logf("%d refunds in %s, %s at the limit of %d a minute; %d calls of people who wait; %d requests to iade",
		refunds, took, ideal, shared, storefront.asked, api.requests.Load())
	if took > ideal+ideal/20+minute || took < ideal-2*minute {
		t.Errorf("%d refunds took %s; what the limit lets through is %s", refunds, took, ideal)
	}
}

// concert adds payments of one line each to the Ledger, and gives the file that refunds them.
func concert(t *testing.T, ledger *iyzicotest.Ledger, n int) string {
	var csv strings.Builder
	csv.WriteString("paymentId,paymentTransactionId,amount,reason,reference\n")
	for i := range n {
		p, err := ledger.AddPayment(iyzicotest.PaymentSpec{Lines: []iyzicotest.LineSpec{{PaidPrice: decimal.New(14990, -2)}}})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&csv, "%s,%s,149.90,OTHER,ticket-%d\n", p.ID, p.Lines[0].PaymentTransactionID, i)
	}
	return csv.String()
}

// drainAPI is bulk.API on several processes of iade, asked in turn as a load balancer would.
type drainAPI struct {
	processes []*ingress.API
	requests  atomic.Int64
}

func (a *drainAPI) handle(ctx context.Context, r ingress.Request) bulk.Answer {
	n := int(a.requests.Add(1))
	r.Until = time.Now().Add(ingress.DefaultHandlerTime)
	answer := a.processes[n%len(a.processes)].Handle(ctx, r)
	after, _ := time.ParseDuration(answer.Header.Get("Retry-After") + "s") // absent is none
	return bulk.Answer{Status: answer.Status, RetryAfter: after, Body: answer.Body}
}

func (a *drainAPI) post(ctx context.Context, key string, body []byte, more http.Header) bulk.Answer {
	header := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {key}}
	for name, values := range more {
		header[name] = values
	}
	return a.handle(ctx, ingress.Request{Method: http.MethodPost, Path: "/refunds", Header: header, Body: body})
}

// Refund implements bulk.API.
func (a *drainAPI) Refund(ctx context.Context, l *bulk.Line) (bulk.Answer, error) {
	return a.post(ctx, l.Key, l.Body, http.Header{"Priority": {"u=7"}}), nil
}

// Operation implements bulk.API.
func (a *drainAPI) Operation(ctx context.Context, id string) (bulk.Answer, error) {
	return a.handle(ctx, ingress.Request{Method: http.MethodGet, Path: "/refunds/" + id, Header: http.Header{}}), nil
}

// storefront is people at a desk: each minute, after the file's refunds have taken what they may, a fifth of the limit.
type storefront struct {
	api            *drainAPI
	payments       func() iyzicotest.Payment
	asked, refused int
}

func newStorefront(t *testing.T, api *drainAPI, ledger *iyzicotest.Ledger) *storefront {
	return &storefront{api: api, payments: func() iyzicotest.Payment {
		p, err := ledger.AddPayment(iyzicotest.PaymentSpec{Lines: []iyzicotest.LineSpec{{PaidPrice: decimal.New(5000, -2)}}})
		if err != nil {
			t.Error(err)
		}
		return p
	}}
}

func (s *storefront) open(ctx context.Context) {
	for {
		next := time.Now().Truncate(time.Minute).Add(time.Minute + 40*time.Second)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(next)):
		}
		for range drainReserved {
			s.asked++
			body := fmt.Sprintf(`{"paymentId":%q,"full":true}`, s.payments().ID)
			if answer := s.api.post(ctx, fmt.Sprintf("desk-%d", s.asked), []byte(body), nil); answer.Status != http.StatusCreated {
				s.refused++
			}
		}
	}
}

// limitedIyzico is payment.Gateway on the Ledger, with iyzico's own limit of calls per endpoint and minute, and with the
// time that a call takes.
type limitedIyzico struct {
	ledger   *iyzicotest.Ledger
	refusals atomic.Int64

	mu     sync.Mutex
	minute time.Time
	counts map[string]int
}

// arrive counts a call where iyzico counts it: after its way.
func (g *limitedIyzico) arrive(endpoint string) bool {
	time.Sleep(drainLatency)
	g.mu.Lock()
	defer g.mu.Unlock()
	if minute := time.Now().Truncate(time.Minute); !minute.Equal(g.minute) {
		g.minute = minute
		clear(g.counts)
	}
	g.counts[endpoint]++
	if g.counts[endpoint] > drainPerMinute {
		g.refusals.Add(1)
		return false
	}
	return true
}

// Send implements payment.Gateway.
func (g *limitedIyzico) Send(_ context.Context, c payment.Call) payment.Answered {
	if !g.arrive(string(c.API)) {
		return payment.Answered{
			Call: c, Verdict: payment.VerdictNotSent, RetryAfter: time.Minute,
			Failure: &payment.Failure{Reason: payment.ReasonRateLimited, Code: "50000"},
		}
	}
	defer time.Sleep(drainLatency)
	_, err := g.ledger.Refund(iyzicotest.RefundRequest{
		ConversationID: c.ConversationID, PaymentTransactionID: c.LineID, Price: c.Amount.Decimal(), Currency: string(c.Amount.Currency()),
	})
	if err != nil {
		return payment.Answered{Call: c, Failure: &payment.Failure{Reason: "unlisted-code"}}
	}
	return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded}
}

// Read implements payment.Gateway.
func (g *limitedIyzico) Read(ctx context.Context, q payment.Query) (payment.Report, error) {
	if !g.arrive("report") {
		return payment.Report{}, &payment.Error{Code: payment.CodeRateLimited, Message: "50000", RetryAfter: time.Minute}
	}
	defer time.Sleep(drainLatency)
	return psp.NewReader(promptReports{g.ledger}, time.Now).Read(ctx, q)
}

// ReadDay implements payment.Gateway.
func (g *limitedIyzico) ReadDay(ctx context.Context, q payment.DayQuery) (payment.DayList, error) {
	if !g.arrive("daylist") {
		return payment.DayList{}, &payment.Error{Code: payment.CodeRateLimited, Message: "50000", RetryAfter: time.Minute}
	}
	defer time.Sleep(drainLatency)
	return psp.NewReader(promptReports{g.ledger}, time.Now).ReadDay(ctx, q)
}

// promptReports are the Ledger's reports, prompt and true.
type promptReports struct{ ledger *iyzicotest.Ledger }

// RetrieveReport implements psp.Reports.
func (r promptReports) RetrieveReport(_ context.Context, q iyzico.RetrieveReportRequest) (*iyzico.Report, error) {
	return reported(r.ledger.PaymentDetails(iyzicotest.Reporting{}, q.PaymentID, q.PaymentConversationID)), nil
}

// RetrievePayment implements psp.Reports.
func (r promptReports) RetrievePayment(_ context.Context, q iyzico.RetrievePaymentRequest) (*iyzico.Payment, error) {
	return detail(r.ledger, q)
}

// ListTransactionsPage implements psp.Reports.
func (r promptReports) ListTransactionsPage(_ context.Context, q iyzico.ListTransactionsPageRequest) (*iyzico.TransactionsPage, error) {
	return listedPage(r.ledger.DayPage(iyzicotest.Reporting{}, q.Date, q.Page), q.Page), nil
}

// countedSlots is psp.Slots in memory, for all processes together.
type countedSlots struct {
	mu     sync.Mutex
	totals map[string]int
}

// Take implements psp.Slots.
func (s *countedSlots) Take(_ context.Context, name string, minute time.Time, n int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := name + minute.String()
	s.totals[key] += n
	return s.totals[key], nil
}
