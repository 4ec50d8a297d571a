package iyzicotest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestEveryFaultMode(t *testing.T) {
	t.Parallel()
	isReset := func(t *testing.T, _ reply, err error) {
		if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want a cut connection", err)
		}
	}
	html := func(status int) func(*testing.T, reply, error) {
		return func(t *testing.T, got reply, err error) {
			if err != nil || got.status != status || got.body != nil || !strings.HasPrefix(got.raw, "<html>") {
				t.Errorf("%d %s %v", got.status, got.raw, err)
			}
		}
	}
	refused := func(status int, code, group string) func(*testing.T, reply, error) {
		return func(t *testing.T, got reply, err error) {
			if err != nil || got.status != status || got.text("status") != "failure" || got.body["errorCode"] != code ||
				got.text("errorGroup") != group || got.text("conversationId") != "conv-1" {
				t.Errorf("%d %s %v", got.status, got.raw, err)
			}
		}
	}
	succeeded := func(t *testing.T, got reply, err error) {
		if err != nil || got.text("status") != "success" {
			t.Errorf("%d %s %v", got.status, got.raw, err)
		}
	}
	signedAs := func(got reply) string {
		return responseSignature(DefaultSecretKey, []string{got.text("paymentId"), "1", "TRY", got.text("conversationId")})
	}
	tests := map[string]struct {
		fault    string
		executed int
		outcome  string
		check    func(*testing.T, reply, error)
	}{
		"reset-before":             {`"mode":"reset-before"`, 0, OutcomeNotExecuted, isReset},
		"reset-after":              {`"mode":"reset-after"`, 1, OutcomeExecuted, isReset},
		"late, not yet due":        {`"mode":"late","delayMs":600000`, 0, OutcomePending, isReset},
		"status-500-before":        {`"mode":"status-500-before"`, 0, OutcomeNotExecuted, html(500)},
		"status-500-after":         {`"mode":"status-500-after"`, 1, OutcomeExecuted, html(500)},
		"status-500 with a status": {`"mode":"status-500-after","httpStatus":504`, 1, OutcomeExecuted, html(504)},
		"html-502":                 {`"mode":"html-502"`, 0, OutcomeNotExecuted, html(502)},
		"truncated-after": {`"mode":"truncated-after"`, 1, OutcomeExecuted, func(t *testing.T, got reply, err error) {
			if !errors.Is(err, io.ErrUnexpectedEOF) || got.status != 200 || !strings.HasPrefix(got.raw, `{"status":"success"`) {
				t.Errorf("%d %s %v", got.status, got.raw, err)
			}
		}},
		"bad-signature": {`"mode":"bad-signature"`, 1, OutcomeExecuted, func(t *testing.T, got reply, err error) {
			succeeded(t, got, err)
			if s := got.text("signature"); len(s) != 64 || s == signedAs(got) {
				t.Errorf("signature %q", s)
			}
		}},
		"missing-echo": {`"mode":"missing-echo"`, 1, OutcomeExecuted, func(t *testing.T, got reply, err error) {
			succeeded(t, got, err)
			if strings.Contains(got.raw, "conversationId") || strings.Contains(got.raw, `"paymentId"`) || got.text("signature") != signedAs(got) {
				t.Errorf("got %s", got.raw)
			}
		}},
		"wrong-echo": {`"mode":"wrong-echo"`, 1, OutcomeExecuted, func(t *testing.T, got reply, err error) {
			succeeded(t, got, err)
			if got.text("conversationId") != "conv-1-other" || got.text("paymentId") != "10000002" || got.text("signature") != signedAs(got) {
				t.Errorf("got %s", got.raw)
			}
		}},
		"refuse": {`"mode":"refuse","errorCode":"10051","errorGroup":"NOT_SUFFICIENT_FUNDS"`, 0, OutcomeNotExecuted,
			refused(200, "10051", "NOT_SUFFICIENT_FUNDS")},
		"refuse by default":      {`"mode":"refuse"`, 0, OutcomeNotExecuted, refused(200, "10051", "NOT_SUFFICIENT_FUNDS")},
		"refuse, code a number":  {`"mode":"refuse","errorCode":10051`, 0, OutcomeNotExecuted, refused(200, "10051", "NOT_SUFFICIENT_FUNDS")},
		"refuse with a status":   {`"mode":"refuse","errorCode":"77","httpStatus":400`, 0, OutcomeNotExecuted, refused(400, "77", "")},
		"refuse-after":           {`"mode":"refuse-after","errorCode":"10220","errorGroup":"DECLINED"`, 1, OutcomeExecuted, refused(200, "10220", "DECLINED")},
		"slow":                   {`"mode":"slow","delayMs":20`, 1, OutcomeExecuted, succeeded},
		"another path's fault":   {`"mode":"reset-before","path":"/payment/cancel"`, 1, OutcomeExecuted, succeeded},
		"any money path's fault": {`"mode":"html-502","path":"*"`, 0, OutcomeNotExecuted, html(502)},
		"rate-limit": {`"mode":"rate-limit"`, 0, OutcomeRateLimited, func(t *testing.T, got reply, err error) {
			if code, isNumber := got.body["errorCode"].(fmt.Stringer); err != nil || !isNumber || code.String() != "50000" {
				t.Errorf("%d %s %v", got.status, got.raw, err)
			}
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, Config{})
			id, line := s.pay("10")
			fault := "{" + test.fault + `,"path":"` + PathRefund + `"}`
			if strings.Contains(test.fault, `"path"`) {
				fault = "{" + test.fault + "}"
			}
			s.fault(fault)
			got, err := s.do(s.request(context.Background(), http.MethodPost, PathRefund, refundBody(line, "1"), nil))
			test.check(t, got, err)
			if n := s.executed(id); n != test.executed {
				t.Errorf("%d executions, want %d", n, test.executed)
			}
			if outcome := s.outcome(id); outcome != test.outcome {
				t.Errorf("outcome %s, want %s", outcome, test.outcome)
			}
			if strings.Contains(test.fault, `"path":"/payment/cancel"`) {
				return
			}
			// Once is the default: the next request is served.
			if got := s.post(PathRefund, refundBody(line, "2")); got.text("status") != "success" {
				t.Errorf("second request: %s", got.raw)
			}
		})
	}
}

func TestHangLastsUntilTheClientLeaves(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]int{FaultHangBefore: 0, FaultHangAfter: 1} {
		s := open(t, Config{})
		id, line := s.pay("10")
		s.fault(`{"path":"` + PathRefund + `","mode":"` + mode + `"}`)
		ctx, leave := context.WithCancel(context.Background())
		gone := make(chan error, 1)
		go func() {
			_, err := s.do(s.request(ctx, http.MethodPost, PathRefund, refundBody(line, "1"), nil))
			gone <- err
		}()
		expected := map[int]string{0: OutcomeNotExecuted, 1: OutcomeExecuted}[want]
		eventually(t, mode+" received", func() bool { return s.outcome(id) == expected })
		select {
		case err := <-gone:
			t.Errorf("%s: answered: %v", mode, err)
		default:
		}
		leave()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", mode, err)
		}
		if got := s.executed(id); got != want {
			t.Errorf("%s: %d executions, want %d", mode, got, want)
		}
	}
}

func TestCloseEndsHangingAndLateRequests(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, line := s.pay("10")
	s.fault(`{"path":"` + PathRefund + `","mode":"late","delayMs":600000}`)
	s.fault(`{"path":"` + PathRefund + `","mode":"hang-before"}`)
	s.fault(`{"path":"` + PathRefund + `","mode":"slow","delayMs":600000}`)
	results := make(chan error, 3)
	for range 3 {
		go func() {
			_, err := s.do(s.request(context.Background(), http.MethodPost, PathRefund, refundBody(line, "1"), nil))
			results <- err
		}()
	}
	eventually(t, "three requests received", func() bool { return len(s.server.Requests(id)) == 3 && len(s.server.Faults()) == 0 })
	eventually(t, "slow one executed", func() bool { return len(s.server.Ledger().Executions(id)) == 1 })
	if err := s.server.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := <-results; err == nil {
			t.Error("answered")
		}
	}
	if got := len(s.server.Ledger().Executions(id)); got != 1 {
		t.Errorf("%d executions, want the slow one's only", got)
	}
}

func TestLateExecutesAfterItsDelay(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, line := s.pay("10")
	s.fault(`{"path":"` + PathRefund + `","mode":"late","delayMs":30}`)
	if _, err := s.do(s.request(context.Background(), http.MethodPost, PathRefund, refundBody(line, "1"), nil)); err == nil {
		t.Error("answered")
	}
	eventually(t, "late execution", func() bool { return s.executed(id) == 1 })
	eventually(t, "its outcome", func() bool { return s.outcome(id) == OutcomeExecuted })
}

func TestFaultsActOnReadsToo(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, _ := s.pay("10")
	details := "/v2/reporting/payment/details"
	s.fault(`{"path":"*","mode":"html-502","times":0}`)
	if got := s.get(details + "?paymentId=" + id); got.text("status") != "success" {
		t.Errorf("* acts on a read: %s", got.raw)
	}
	s.control(http.MethodDelete, "/_fake/faults", "", 200)
	s.fault(`{"path":"` + details + `","mode":"html-502"}`)
	if got := s.get(details + "?paymentId=" + id); got.status != 502 {
		t.Errorf("exact path does not act: %d %s", got.status, got.raw)
	}
	s.fault(`{"path":"` + details + `","mode":"wrong-echo"}`)
	if got := s.get(details + "?conversationId=q&paymentId=" + id); got.text("conversationId") != "q-other" ||
		fmt.Sprint(got.list("payments")[0]["paymentId"]) != "10000002" {
		t.Errorf("wrong echo: %s", got.raw)
	}
	s.fault(`{"path":"` + details + `","mode":"missing-echo"}`)
	if got := s.get(details + "?conversationId=q&paymentId=" + id); strings.Contains(got.raw, `"conversationId"`) || strings.Contains(got.raw, `"paymentId"`) {
		t.Errorf("missing echo: %s", got.raw)
	}
}

func TestMoneyPaths(t *testing.T) {
	t.Parallel()
	want := map[string]bool{
		PathRefund: true, PathRefundV2: true, PathMerchantCharge: true, PathCancel: true, PathBalanceInit: true, PathAuth: true, PathFundPayment: true,
		"/payment/iyzipos/item/approve": true,
	}
	for path, e := range endpoints {
		if e.money != want[path] {
			t.Errorf("%s: money=%v", path, e.money)
		}
	}
}

func TestFaultsMatchInOrderAndCount(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	_, line := s.pay("10")
	s.fault(`{"path":"/payment/cancel","mode":"html-502"}`)
	s.fault(`{"path":"*","mode":"refuse","errorCode":"1","times":2}`)
	s.fault(`{"path":"` + PathRefund + `","mode":"refuse","errorCode":"2","times":0}`)
	var got []string
	for range 4 {
		got = append(got, s.post(PathRefund, refundBody(line, "1")).text("errorCode"))
	}
	if strings.Join(got, " ") != "1 1 2 2" {
		t.Errorf("codes %v", got)
	}
	list := s.control(http.MethodGet, "/_fake/faults", "", 200).list("faults")
	if len(list) != 2 || list[0]["mode"] != "html-502" || fmt.Sprint(list[0]["times"]) != "1" || fmt.Sprint(list[1]["times"]) != "0" {
		t.Errorf("left: %v", list)
	}
	s.control(http.MethodDelete, "/_fake/faults", "", 200)
	if left := s.server.Faults(); len(left) != 0 {
		t.Errorf("after clearing: %v", left)
	}
	if got := s.post(PathRefund, refundBody(line, "1")); got.text("status") != "success" {
		t.Errorf("after clearing: %s", got.raw)
	}
}

func TestAFaultOnARefusedRequestExecutesNothing(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id, line := s.pay("10")
	for _, mode := range []string{FaultResetAfter, FaultBadSignature, FaultTruncatedAfter, FaultWrongEcho, FaultRefuseAfter} {
		s.fault(`{"path":"*","mode":"` + mode + `"}`)
		_, _ = s.do(s.request(context.Background(), http.MethodPost, PathRefund, refundBody(line, "11"), nil))
		if s.executed(id) != 0 || s.outcome(id) != OutcomeRefused {
			t.Errorf("%s: %d executions, outcome %s", mode, s.executed(id), s.outcome(id))
		}
	}
}

func TestAFaultActsAfterTheWholeBody(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	s.fault(`{"path":"*","mode":"reset-before"}`)
	body, feed := io.Pipe()
	r := s.request(context.Background(), http.MethodPost, PathRefund, "", nil)
	r.Body, r.ContentLength = body, -1
	done := make(chan error, 1)
	go func() {
		_, err := s.do(r)
		done <- err
	}()
	if _, err := feed.Write([]byte(`{"price":`)); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		t.Fatalf("acted before the end of the body: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if len(s.server.Faults()) != 1 {
		t.Error("fault taken before the end of the body")
	}
	if err := feed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("answered")
	}
}
