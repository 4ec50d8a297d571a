package speed

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// run is one service under load, before a stand-in for iyzico of its own.
type run struct {
	*program
	iyzico  *standIn
	client  *http.Client
	callers int
	asked   int
}

func newRun(tb testing.TB, s side, callers int) *run {
	tb.Helper()
	iyzico := &standIn{executed: map[string]int{}}
	server := httptest.NewServer(iyzico)
	tb.Cleanup(server.Close)
	transport := &http.Transport{MaxIdleConnsPerHost: callers}
	tb.Cleanup(transport.CloseIdleConnections)
	return &run{
		program: s.start(tb, server.URL), iyzico: iyzico, client: &http.Client{Transport: transport, Timeout: patience}, callers: callers,
	}
}

// round refunds a part of each of so many payments, from the one with that number on: every caller has his share of them. It
// gives the time that it took.
func (r *run) round(tb testing.TB, first, payments, round int) time.Duration {
	tb.Helper()
	began := time.Now()
	var all sync.WaitGroup
	for caller := range r.callers {
		all.Go(func() {
			for i := caller; i < payments; i += r.callers {
				if err := r.refund(first+i, round); err != nil {
					tb.Errorf("%s: %v", r.name, err)
					return
				}
			}
		})
	}
	all.Wait()
	r.asked += payments
	return time.Since(began)
}

// refund asks for one refund, which must succeed.
func (r *run) refund(payment, round int) error {
	body := fmt.Sprintf(`{"paymentId":"%d","paymentTransactionId":"1%[1]d","amount":"%d.50"}`, payment, 1+round)
	req, err := http.NewRequest(http.MethodPost, r.url+"/refunds", bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", fmt.Sprintf("order-%d-%d", payment, round))
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return fmt.Errorf("payment %d, refund %d: HTTP %d, then: %w", payment, round, resp.StatusCode, err)
	}
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("payment %d, refund %d: HTTP %d %s", payment, round, resp.StatusCode, answer)
	}
	return nil
}

// end ends the service, and gives its time on a processor for one refund. Iyzico must have carried out each refund once.
func (r *run) end(tb testing.TB) time.Duration {
	tb.Helper()
	cpu := r.program.end(tb)
	r.iyzico.mu.Lock()
	defer r.iyzico.mu.Unlock()
	if len(r.iyzico.executed) != r.asked {
		tb.Errorf("%s: %d refunds were carried out, %d were asked for", r.name, len(r.iyzico.executed), r.asked)
	}
	for id, n := range r.iyzico.executed {
		if n != 1 {
			tb.Errorf("%s: %s was carried out %d times", r.name, id, n)
		}
	}
	return cpu / time.Duration(max(r.asked, 1))
}
