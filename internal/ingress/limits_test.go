package ingress_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

func TestTheLimitsAreShownWithTheirUse(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 31, 21, 0, 0, 0, time.UTC)
	service := &fakeService{uses: []payment.LimitUse{
		{Limit: payment.LimitAmountPerDay, Currency: money.TRY, Used: decimal.New(12345, -1), Most: decimal.New(50000, 0), FreesAt: at},
		{Limit: payment.LimitRefundsPerHour, Used: decimal.New(0, 0), Most: decimal.New(20, 0), FreesAt: at},
	}}
	api := newAPI(service)
	response := api.Handle(context.Background(), get("/limits", ""))
	if want := `{"newMoney":"on","limits":[{"limit":"MAX_REFUND_AMOUNT_PER_DAY","currency":"TRY","usedAmount":"1234.50","limitAmount":"50000.00","freesAt":"2026-01-31T21:00:00Z"},` +
		`{"limit":"MAX_REFUNDS_PER_HOUR","usedCount":0,"limitCount":20,"freesAt":"2026-01-31T21:00:00Z"}]}` + "\n"; response.Status != http.StatusOK || string(response.Body) != want {
		t.Errorf("%d %s", response.Status, response.Body)
	}
	api, service.uses = newAPI(&fakeService{}), nil
	api.NewMoneyOff = true
	if response = api.Handle(context.Background(), get("/limits", "")); string(response.Body) != `{"newMoney":"off","limits":[]}`+"\n" {
		t.Errorf("%s", response.Body)
	}
	checkCommonHeaders(t, response)
	if response = api.Handle(context.Background(), get("/limits", "day=1")); response.Status != http.StatusBadRequest {
		t.Errorf("%d %s", response.Status, response.Body)
	}
	service = &fakeService{err: &payment.Error{Code: payment.CodeUnavailable, Message: "it cannot be counted"}}
	if slug, _ := problemOf(t, newAPI(service).Handle(context.Background(), get("/limits", ""))); slug != "unavailable" {
		t.Errorf("%s", slug)
	}
}
