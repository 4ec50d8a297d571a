package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// brokenStore cannot list what is due; nothing else is asked of it.
type brokenStore struct {
	payment.Store
	err error
}

func (s brokenStore) Open(context.Context, time.Time, string, int) ([]payment.AccountID, string, error) {
	return nil, "", s.err
}

func reconcilerOn(store payment.Store) (func(context.Context, json.RawMessage) (any, error), *bytes.Buffer) {
	var out bytes.Buffer
	log := newLogger(&out, slog.LevelInfo)
	service := payment.NewService(store, nil, clock.Wall{}, payment.Rules{SettleWindow: time.Minute, SendTimeout: time.Second})
	return (&App{API: &ingress.API{Service: service, Log: log}, Service: service, Log: log}).Reconciler(), &out
}

func TestTheScheduleMakesOnePass(t *testing.T) {
	t.Parallel()
	reconcile, log := reconcilerOn(brokenStore{})
	answer, err := reconcile(invocation("L1"), json.RawMessage(`{"reconcile": true}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(answer); err != nil || string(got) != `{"looked":0,"settled":0,"unreadable":0,"waiting":0,"failed":0,"complete":true}` {
		t.Errorf("%s %v", got, err)
	}
	if !strings.Contains(log.String(), `"reconciled"`) {
		t.Errorf("log: %s", log)
	}
}

// TestAPassThatCannotListFails: the error metric must show it, with the cause that callers never see, also where the
// store's failure is a timeout.
func TestAPassThatCannotListFails(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{errors.New("AccessDenied on the index"), fmt.Errorf("the table: %w", context.DeadlineExceeded)} {
		reconcile, log := reconcilerOn(brokenStore{err: cause})
		_, err := reconcile(t.Context(), json.RawMessage(`{"reconcile": true}`))
		if !errors.Is(err, cause) || !strings.Contains(err.Error(), cause.Error()) || strings.Contains(log.String(), cause.Error()) {
			t.Errorf("err %v, log %s", err, log)
		}
	}
}

func TestEverythingElseIsAnOperators(t *testing.T) {
	t.Parallel()
	reconcile, _ := reconcilerOn(brokenStore{})
	for _, event := range []string{`{"reconcile": false}`, `{}`, `{"reconcile":"yes"}`, `{"check":"x"}`} {
		answer, err := reconcile(t.Context(), json.RawMessage(event))
		if reply, ok := answer.(ingress.BareReply); err != nil || !ok || reply.StatusCode/100 != 4 {
			t.Errorf("%s: %+v %v", event, answer, err)
		}
	}
	for _, event := range []string{`[]`, `{"Records":[{"eventSource":"aws:sns"}]}`, `{"detail-type":"x","reconcile":true}`} {
		if _, err := reconcile(t.Context(), json.RawMessage(event)); !errors.Is(err, ingress.ErrUnsupportedEvent) {
			t.Errorf("%s: %v", event, err)
		}
	}
}
