package ingress

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/iade/iade/internal/payment"
)

// Scope is who may call a route when the API is deployed. Locally every route is open.
type Scope string

// The scopes.
const (
	ScopeWrite    Scope = "write"
	ScopeRead     Scope = "read"
	ScopeOperator Scope = "operator"
	ScopeOpen     Scope = "open" // no authorization: the browser coming back from iyzico, and iyzico's notices
)

// Route is one row of the route table.
type Route struct {
	Name    string // unique; the operationId in openapi.yaml
	Method  string
	Pattern string // segments in braces match any one segment that is not empty
	Scope   Scope

	serve func(a *API, ctx context.Context, req Request, arg string) Response
}

// routes is the one table of routes. template.yaml and openapi.yaml are tested against it.
var routes = []Route{
	{"createRefund", http.MethodPost, "/refunds", ScopeWrite, command(payment.KindRefund)},
	{"previewRefund", http.MethodPost, "/refunds/preview", ScopeRead, (*API).previewRefund},
	{"createCancel", http.MethodPost, "/cancels", ScopeWrite, command(payment.KindCancel)},
	{"createReversal", http.MethodPost, "/reversals", ScopeWrite, command(payment.KindReversal)},
	{"createFundPayment", http.MethodPost, "/fund-payments", ScopeWrite, command(payment.KindFundPayment)},
	{"getRefund", http.MethodGet, "/refunds/{id}", ScopeRead, resource("rf_", payment.KindRefund, payment.KindBalanceRefund)},
	{"getCancel", http.MethodGet, "/cancels/{id}", ScopeRead, resource("cn_", payment.KindCancel)},
	{"getReversal", http.MethodGet, "/reversals/{id}", ScopeRead, resource("rv_", payment.KindReversal)},
	{"getFundPayment", http.MethodGet, "/fund-payments/{id}", ScopeRead, resource("fp_", payment.KindFundPayment)},
	{"findPayment", http.MethodGet, "/payments", ScopeRead, (*API).findPayment},
	{"getPayment", http.MethodGet, "/payments/{paymentId}", ScopeRead, (*API).getPayment},
	{"listOperations", http.MethodGet, "/operations", ScopeRead, (*API).listOperations},
	{"getOperationHistory", http.MethodGet, "/operations/{id}/history", ScopeRead, (*API).getHistory},
	{"checkOperation", http.MethodPost, "/operations/{id}/check", ScopeOperator, (*API).checkOperation},
	{"resolveOperation", http.MethodPost, "/operations/{id}/resolution", ScopeOperator, (*API).resolveOperation},
	{"getDay", http.MethodGet, "/days/{date}", ScopeRead, (*API).getDay},
	{"listDays", http.MethodGet, "/days", ScopeRead, (*API).listDays},
	{"closeDay", http.MethodPost, "/days/{date}/close", ScopeOperator, (*API).closeDay},
	{"balanceCallback", http.MethodGet, "/balance-callback/{state}", ScopeOpen, (*API).balanceCallback},
	{"balanceCallbackForm", http.MethodPost, "/balance-callback/{state}", ScopeOpen, (*API).balanceCallback},
	{"iyzicoWebhook", http.MethodPost, "/iyzico-webhook", ScopeOpen, (*API).iyzicoWebhook},
	{"getLimits", http.MethodGet, "/limits", ScopeRead, (*API).getLimits},
	{"getHealth", http.MethodGet, "/health", ScopeRead, (*API).getHealth},
}

// Routes lists every route of the API. The list is the caller's own.
func Routes() []Route { return slices.Clone(routes) }

// ScopeOf is the scope of the route that answers a request, empty if no route does.
func ScopeOf(method, path string) Scope {
	if match, _, _ := findRoute(method, path); match != nil {
		return match.Scope
	}
	return ""
}

// findRoute returns the route of a request and what stands for the braces in its pattern, or the methods that the path
// allows. A path that no pattern matches allows none.
func findRoute(method, path string) (match *Route, arg string, allowed []string) {
	for i := range routes {
		found, ok := routes[i].match(path)
		if !ok {
			continue
		}
		if routes[i].Method == method {
			return &routes[i], found, nil
		}
		allowed = append(allowed, routes[i].Method)
	}
	return nil, "", allowed
}

// match compares segment by segment. A trailing slash is one segment more, so it never matches.
func (r *Route) match(path string) (arg string, ok bool) {
	want, got := strings.Split(r.Pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return "", false
	}
	for i := range want {
		switch {
		case strings.HasPrefix(want[i], "{"):
			if got[i] == "" {
				return "", false
			}
			arg = got[i]
		case want[i] != got[i]:
			return "", false
		}
	}
	return arg, true
}
