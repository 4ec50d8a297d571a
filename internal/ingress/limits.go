package ingress

import (
	"context"
	"net/http"
	"time"

	"github.com/iade/iade/internal/payment"
)

// limitsAnswer is the answer to GET /limits: whether new money may leave, and how much of the merchant's own limits is used.
type limitsAnswer struct {
	NewMoney string     `json:"newMoney"` // on or off (NEW_MONEY)
	Limits   []limitUse `json:"limits"`
}

// limitUse is one limit. The limit of a day has amounts of a currency, that of an hour counts refunds.
type limitUse struct {
	Limit       string    `json:"limit"` // the setting
	Currency    string    `json:"currency,omitempty"`
	UsedAmount  string    `json:"usedAmount,omitempty"`
	LimitAmount string    `json:"limitAmount,omitempty"`
	UsedCount   *int64    `json:"usedCount,omitempty"`
	LimitCount  *int64    `json:"limitCount,omitempty"`
	FreesAt     time.Time `json:"freesAt"`
}

// getLimits serves GET /limits. It reads what is counted for this day, and nothing where no limit is set.
func (a *API) getLimits(ctx context.Context, req Request, _ string) Response {
	var f faults
	if readQuery(req.RawQuery, &f); !f.none() {
		return invalid(&f)
	}
	uses, err := a.Service.LimitUses(ctx)
	if err != nil {
		return a.refuse(ctx, req, err)
	}
	answer := limitsAnswer{NewMoney: "on", Limits: make([]limitUse, 0, len(uses))}
	if a.NewMoneyOff {
		answer.NewMoney = "off"
	}
	for _, use := range uses {
		shown := limitUse{Limit: use.Limit, Currency: string(use.Currency), FreesAt: use.FreesAt}
		if use.Limit == payment.LimitAmountPerDay {
			shown.UsedAmount, shown.LimitAmount = use.Used.StringFixed(2), use.Most.StringFixed(2)
		} else {
			used, most := use.Used.IntPart(), use.Most.IntPart()
			shown.UsedCount, shown.LimitCount = &used, &most
		}
		answer.Limits = append(answer.Limits, shown)
	}
	return jsonResponse(http.StatusOK, answer)
}
