package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/iade/iade/pkg/iyzico"
)

const refundPath = "/payment/refund"

// client does what iyzico's official clients do: sign the body, send it once, decode the answer's JSON whatever the HTTP
// status, and leave it to the caller to look at its status (docs/iyzico.md §1.3). They compare no signature and no echo, and
// none of them sends again by itself.
type client struct {
	keys iyzico.Config
	http *http.Client
}

// answer is what the service looks at.
type answer struct {
	Status       string      `json:"status"`
	ErrorCode    json.Number `json:"errorCode"`
	ErrorMessage string      `json:"errorMessage"`
}

// Refund sends one refund. An error is a network error, a time-out, a 5xx, or an answer that is no JSON.
func (c *client) Refund(ctx context.Context, r row) (answer, error) {
	body, err := json.Marshal(map[string]string{
		"locale": "tr", "conversationId": r.ID, "paymentTransactionId": r.TransactionID, "price": iyzico.FormatPrice(r.Amount), "currency": "TRY",
	})
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.keys.BaseURL+refundPath, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	random := rand.Text()
	signature := iyzico.Sign(c.keys.SecretKey, random, refundPath, body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("X-Iyzi-Rnd", random)
	req.Header.Set("Authorization", iyzico.AuthorizationHeader(string(c.keys.APIKey), random, signature))
	response, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return answer{}, err
	}
	if response.StatusCode >= http.StatusInternalServerError {
		return answer{}, fmt.Errorf("iyzico: HTTP %d", response.StatusCode)
	}
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		return answer{}, fmt.Errorf("iyzico: decode answer: %w", err)
	}
	return a, nil
}

const (
	// tries is how often a refund is sent at most before its caller is told to come back.
	tries = 3
	// firstPause is before the second try; it doubles.
	firstPause = 200 * time.Millisecond
	// tooManyRequests is iyzico's code for its limit: documented as not processed, so it is safe to try again.
	tooManyRequests = "50000"
)

// RefundWithRetry is Refund, tried again after an error and after iyzico's limit.
func (c *client) RefundWithRetry(ctx context.Context, r row) (a answer, err error) {
	pause := firstPause
	for try := 1; ; try++ {
		a, err = c.Refund(ctx, r)
		if err == nil && a.ErrorCode == tooManyRequests {
			err = errors.New("iyzico: too many requests")
		}
		if err == nil || try == tries {
			return a, err
		}
		time.Sleep(pause)
		pause *= 2
	}
}
