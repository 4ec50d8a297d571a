package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/pkg/iyzico"
)

// service answers POST /refunds.
type service struct {
	rows   *table
	client *client
	reads  *iyzico.Client
	// stale is how long a row may be pending before it is taken over: longer than all tries of a living process.
	stale time.Duration
}

// reply is the body of every answer.
type reply struct {
	ID     string `json:"id,omitempty"`
	Status string `json:"status,omitempty"`
	Error  string `json:"error,omitempty"`
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/refunds" {
		answerWith(w, http.StatusNotFound, reply{Error: "not found"})
		return
	}
	var body struct {
		PaymentID     string          `json:"paymentId"`
		TransactionID string          `json:"paymentTransactionId"`
		Amount        decimal.Decimal `json:"amount"`
	}
	key := r.Header.Get("Idempotency-Key")
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&body); err != nil || key == "" || !body.Amount.IsPositive() {
		answerWith(w, http.StatusBadRequest, reply{Error: "needs a key, ids and an amount"})
		return
	}
	sum := sha256.Sum256([]byte(key))
	status, answer := s.refund(context.WithoutCancel(r.Context()), row{
		ID: "ob_" + hex.EncodeToString(sum[:8]), Key: key, PaymentID: body.PaymentID, TransactionID: body.TransactionID, Amount: body.Amount,
		Status: pending, UpdatedAt: time.Now(),
	})
	answerWith(w, status, answer)
}

// refund inserts the row, or finds the one of its key, and calls iyzico if the row is new or was left behind.
func (s *service) refund(ctx context.Context, r row) (int, reply) {
	paid, err := s.paid(ctx, r)
	if err != nil {
		return http.StatusServiceUnavailable, reply{Error: err.Error()}
	}
	stored, inserted, err := s.rows.Insert(r, paid)
	switch {
	case errors.Is(err, errExceedsRemaining):
		return http.StatusUnprocessableEntity, reply{Status: failed, Error: err.Error()}
	case err != nil:
		return http.StatusInternalServerError, reply{Error: err.Error()}
	case !stored.asks(r):
		return http.StatusConflict, reply{Error: "the key was used for another request"}
	case stored.Status != pending:
		return statusOf(stored.Status, http.StatusOK), reply{stored.ID, stored.Status, stored.Error}
	}
	if !inserted {
		now := time.Now()
		taken, err := s.rows.TakeOver(r.Key, now.Add(-s.stale), now)
		if err != nil {
			return http.StatusInternalServerError, reply{Error: err.Error()}
		}
		if !taken {
			return http.StatusAccepted, reply{ID: stored.ID, Status: pending}
		}
	}
	return s.send(ctx, stored)
}

// send calls iyzico and writes the status column. After tries that all failed the row stays pending, because "failed"
// would be a guess.
func (s *service) send(ctx context.Context, r row) (int, reply) {
	a, err := s.client.RefundWithRetry(ctx, r)
	if err != nil {
		return http.StatusAccepted, reply{r.ID, pending, err.Error()}
	}
	status, reason := failed, a.ErrorMessage
	if a.Status == "success" {
		status, reason = succeeded, ""
	}
	if err := s.rows.Finish(r.Key, status, reason, time.Now()); err != nil {
		return http.StatusInternalServerError, reply{Error: err.Error()}
	}
	return statusOf(status, http.StatusCreated), reply{r.ID, status, reason}
}

// paid reads what the customer paid for the line, to check the amount before anything is sent.
func (s *service) paid(ctx context.Context, r row) (decimal.Decimal, error) {
	detail, err := s.reads.RetrievePayment(ctx, iyzico.RetrievePaymentRequest{PaymentID: r.PaymentID, ConversationID: r.ID})
	if err != nil {
		return decimal.Zero, err
	}
	for _, line := range detail.Lines {
		if line.PaymentTransactionID == r.TransactionID {
			return line.PaidPrice, nil
		}
	}
	return decimal.Zero, errors.New("the payment has no such line")
}

func statusOf(status string, done int) int {
	if status == failed {
		return http.StatusUnprocessableEntity
	}
	return done
}

func answerWith(w http.ResponseWriter, status int, body reply) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a caller who left asks again
}
