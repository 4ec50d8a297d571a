package psp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/secret"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

var right = Keys{Pair: pairOf(iyzicotest.DefaultAPIKey, iyzicotest.DefaultSecretKey)}

func pairOf(apiKey, secretKey string) Pair { return Pair{secret.New(apiKey), secret.New(secretKey)} }

// vault gives keys and counts how often it was asked.
type vault struct {
	mu    sync.Mutex
	keys  Keys
	err   error
	reads int
	asked time.Time // the deadline that the last read was given
}

func (v *vault) read(ctx context.Context) (Keys, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reads++
	v.asked, _ = ctx.Deadline()
	return v.keys, v.err
}

func (v *vault) put(k Keys, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keys, v.err = k, err
}

// rig is a rotating gateway to a fake iyzico with one payment of 100.00 TRY.
type rig struct {
	gateway   *Rotating
	vault     *vault
	log       *bytes.Buffer
	fake      *iyzicotest.Server
	clock     *time.Time // what the gateway reckons the age of its keys by
	paymentID string
	lineID    string
}

func newRig(t *testing.T) rig {
	t.Helper()
	return newRigBehind(t, func(fake *iyzicotest.Server) http.Handler { return fake })
}

// newRigBehind is newRig with something in front of the fake.
func newRigBehind(t *testing.T, front func(*iyzicotest.Server) http.Handler) rig {
	t.Helper()
	fake, err := iyzicotest.New(iyzicotest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(front(fake))
	t.Cleanup(func() {
		if err := fake.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	answer, err := http.Post(server.URL+"/_fake/payments", "application/json", strings.NewReader(`{"lines":[{"paidPrice":"100.00"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.Body.Close() != nil {
		t.Fatal(err)
	}
	var added struct {
		PaymentID string `json:"paymentId"`
		Lines     []struct {
			ID string `json:"paymentTransactionId"`
		} `json:"lines"`
	}
	if err := json.Unmarshal(body, &added); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	r := rig{
		vault: &vault{keys: right}, log: &bytes.Buffer{}, fake: fake, paymentID: added.PaymentID, lineID: added.Lines[0].ID, clock: new(time.Now()),
	}
	r.gateway = NewRotating(Iyzico{
		BaseURL: server.URL, RefundToBalancePath: "/payment/refund-to-balance/init", Keys: r.vault.read,
		Log: slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: func() time.Time { return *r.clock },
	})
	return r
}

func (r rig) call(t *testing.T, attempt int) payment.Call {
	t.Helper()
	amount, err := money.Parse("1", "TRY")
	if err != nil {
		t.Fatal(err)
	}
	return payment.Call{
		API: payment.APIRefund, OperationID: "rf_1_abcdefghijklmnop", Attempt: attempt, ConversationID: fmt.Sprintf("rf_1_abcdefghijklmnop-%d", attempt),
		PaymentID: r.paymentID, LineID: r.lineID, Amount: amount, Deadline: time.Now().Add(10 * time.Second),
	}
}

func TestKeysAreReadWhenFirstNeededAndKept(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if r.vault.reads != 0 {
		t.Error("the keys were read before they were needed")
	}
	for i := range 3 {
		if a := r.gateway.Send(t.Context(), r.call(t, i+1)); a.Verdict != payment.VerdictSucceeded {
			t.Fatalf("%+v", a.Failure)
		}
	}
	if _, err := r.gateway.Read(t.Context(), payment.Query{PaymentID: r.paymentID}); err != nil {
		t.Error(err)
	}
	if r.vault.reads != 1 {
		t.Errorf("the keys were read %d times, want once", r.vault.reads)
	}
	if r.log.Len() != 0 {
		t.Errorf("logged: %s", r.log)
	}
}

// TestOthersRefusalsDoNotForgetTheKeysThatWork: a call with the old keys may come back late.
func TestOthersRefusalsDoNotForgetTheKeysThatWork(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.vault.put(stale, nil)
	old, err := r.gateway.latest(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	r.vault.put(right, nil)
	for range 2 {
		r.gateway.refused(t.Context(), old)
		if held, err := r.gateway.latest(t.Context(), time.Time{}); err != nil || held.keys != right || r.vault.reads != 2 {
			t.Errorf("the keys were read %d times, want 2: %v", r.vault.reads, err)
		}
		*r.clock = r.clock.Add(keyPause)
	}
}

func TestWithoutKeysNothingIsSentAndTheNextCallTriesAgain(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]struct {
		keys Keys
		err  error
	}{
		"unreadable": {Keys{}, errors.New("denied")},
		"unusable":   {Keys{Pair: pairOf("canary key with\nline", "canary")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.vault.put(broken.keys, broken.err)
			a := r.gateway.Send(t.Context(), r.call(t, 1))
			if a.Verdict != payment.VerdictNotSent || a.Failure == nil || a.Failure.Reason != "keys-unreadable" || a.Call.Attempt != 1 {
				t.Errorf("%v %+v", a.Verdict, a.Failure)
			}
			if _, err := r.gateway.Read(t.Context(), payment.Query{PaymentID: r.paymentID}); payment.CodeOf(err) != payment.CodeUnavailable {
				t.Error(err)
			}
			if log := r.log.String(); strings.Contains(log, "canary") || !strings.Contains(log, "rf_1_abcdefghijklmnop") {
				t.Errorf("log: %s", log)
			}
			r.vault.put(right, nil)
			if a := r.gateway.Send(t.Context(), r.call(t, 2)); a.Verdict != payment.VerdictSucceeded {
				t.Errorf("%+v", a.Failure)
			}
		})
	}
}

// TestReadingTheKeysTakesNoTimeThatTheCallDoesNotHave: the attempt's deadline holds for the keys too.
func TestReadingTheKeysTakesNoTimeThatTheCallDoesNotHave(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.vault.put(Keys{}, errors.New("denied"))
	call := r.call(t, 1)
	call.Deadline = time.Now().Add(time.Second)
	r.gateway.Send(t.Context(), call)
	if r.vault.asked.After(call.Deadline) {
		t.Errorf("the keys could take until %s, the call ends at %s", r.vault.asked, call.Deadline)
	}
	call.Deadline = time.Now().Add(time.Hour)
	r.gateway.Send(t.Context(), call)
	if r.vault.asked.After(time.Now().Add(keyTime)) {
		t.Errorf("the keys could take until %s", r.vault.asked)
	}
	if _, err := r.gateway.Read(t.Context(), payment.Query{PaymentID: "1"}); err == nil || r.vault.asked.IsZero() {
		t.Errorf("a read without a deadline: %v", err)
	}
}

// TestWhatWasNotDoneIsLoggedWithoutIyzicosWords: a refusal's text may quote what was sent.
func TestWhatWasNotDoneIsLoggedWithoutIyzicosWords(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{
		iyzicotest.FaultRefuse: `"verdict":"rejected"`, iyzicotest.FaultResetAfter: `"verdict":"unknown"`,
		iyzicotest.FaultBadSignature: `"verdict":"unknown"`, iyzicotest.FaultRateLimit: `"verdict":"not_sent"`,
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			if err := r.fake.AddFault(iyzicotest.Fault{Path: "/payment/refund", Mode: mode, Times: 1}); err != nil {
				t.Fatal(err)
			}
			call := r.call(t, 7)
			call.Command.Reason, call.Command.Description, call.Command.IP = "OTHER", "canary-description", "203.0.113.77"
			answer := r.gateway.Send(t.Context(), call)
			log := r.log.String()
			if !strings.Contains(log, want) || !strings.Contains(log, `"attempt":7`) || !strings.Contains(log, "rf_1_abcdefghijklmnop") {
				t.Errorf("log: %s", log)
			}
			for _, private := range []string{"canary", "203.0.113.77", answer.Failure.Message} {
				if private != "" && strings.Contains(log, private) {
					t.Errorf("%q stands in the log: %s", private, log)
				}
			}
		})
	}
}
