package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
)

func TestTheUseOfLimitsIsShown(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, time.March, 10, 21, 0, 0, 0, time.UTC)
	for want, uses := range map[string]func(context.Context) ([]payment.LimitUse, error){
		`{"limits":[]}`: func(context.Context) ([]payment.LimitUse, error) { return nil, nil },
		`{"limits":[{"limit":"MAX_REFUND_AMOUNT_PER_DAY","currency":"TRY","used":"8.00","most":"10.00","percent":80,"freesAt":"2031-03-10T21:00:00Z"},` +
			`{"limit":"MAX_REFUNDS_PER_HOUR","used":"1","most":"3","percent":33,"freesAt":"2031-03-10T21:00:00Z"}]}`: func(context.Context) ([]payment.LimitUse, error) {
			return []payment.LimitUse{
				{Limit: payment.LimitAmountPerDay, Currency: "TRY", Used: decimal.NewFromInt(8), Most: decimal.NewFromInt(10), FreesAt: at},
				{Limit: payment.LimitRefundsPerHour, Used: decimal.NewFromInt(1), Most: decimal.NewFromInt(3), FreesAt: at},
			}, nil
		},
		"urn:iade:problem:unavailable": func(context.Context) ([]payment.LimitUse, error) { return nil, errors.New("away") },
	} {
		w := httptest.NewRecorder()
		limitsRoute{uses, quiet}.ServeHTTP(w, httptest.NewRequest(http.MethodGet, limitsPath, nil))
		if got := w.Body.String(); !strings.Contains(got, want) || (w.Code == 200) != strings.HasPrefix(want, "{") {
			t.Errorf("%d %s, want %s", w.Code, got, want)
		}
	}
}
