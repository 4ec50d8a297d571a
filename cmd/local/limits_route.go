package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/iade/iade/internal/payment"
)

const limitsPath = "/_local/limits"

// limitsRoute serves GET /_local/limits: how much of the merchant's own limits is used, of the hour and of each currency that was
// used today. The list is empty where no limit is set.
type limitsRoute struct {
	uses func(context.Context) ([]payment.LimitUse, error)
	log  *slog.Logger
}

// shownUse is one limit as people and programs read it.
type shownUse struct {
	Limit    string    `json:"limit"` // the setting's name
	Currency string    `json:"currency,omitempty"`
	Used     string    `json:"used"`
	Most     string    `json:"most"`
	Percent  int64     `json:"percent"`
	FreesAt  time.Time `json:"freesAt"`
}

func (l limitsRoute) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	uses, err := l.uses(r.Context())
	if err != nil {
		l.log.Error("the limits' use could not be read", "error", payment.WithCause(err))
		writeProblem(w, http.StatusServiceUnavailable, "unavailable", "The limits' use could not be read: ask again.")
		return
	}
	shown := []shownUse{}
	for _, u := range uses {
		decimals := u.Currency.Decimals()
		if u.Currency == "" {
			decimals = 0
		}
		shown = append(shown, shownUse{u.Limit, string(u.Currency), u.Used.StringFixed(decimals), u.Most.StringFixed(decimals), u.Percent(), u.FreesAt})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]any{"limits": shown}) // the reader may be gone
}
