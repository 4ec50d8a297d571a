package ingress_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/ingress"
)

func TestTheRouteTableIsTheContracts(t *testing.T) {
	t.Parallel()
	want := []string{
		"POST /refunds write", "POST /refunds/preview read", "POST /cancels write", "POST /reversals write", "POST /fund-payments write", "GET /refunds/{id} read", "GET /cancels/{id} read", "GET /reversals/{id} read",
		"GET /fund-payments/{id} read", "GET /payments read", "GET /payments/{paymentId} read", "GET /operations read", "GET /operations/{id}/history read", "POST /operations/{id}/check operator",
		"POST /operations/{id}/resolution operator",
		"GET /days/{date} read", "GET /days read", "POST /days/{date}/close operator", "GET /balance-callback/{state} open", "POST /balance-callback/{state} open",
		"POST /iyzico-webhook open", "GET /limits read", "GET /health read",
	}
	var got []string
	names := map[string]bool{}
	for _, route := range ingress.Routes() {
		got = append(got, route.Method+" "+route.Pattern+" "+string(route.Scope))
		if route.Name == "" || names[route.Name] {
			t.Errorf("%s %s has no name of its own: %q", route.Method, route.Pattern, route.Name)
		}
		names[route.Name] = true
	}
	if !slices.Equal(got, want) {
		t.Errorf("routes = %s", strings.Join(got, "\n"))
	}
	ingress.Routes()[0].Pattern = "/changed"
	if ingress.Routes()[0].Pattern != "/refunds" {
		t.Error("a caller's change reached the table")
	}
}

func TestUnknownRoutesAre404(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"", "/", "/refund", "/refunds/", "//refunds", "/refunds/" + refundID + "/", "/refunds//", "/Refunds", "/operations/", "/operations//check",
		"/operations/" + refundID, "/operations/" + refundID + "/check/", "/health/", "/balance-callback", "/balance-callback/", "/%72efunds", "/prod/refunds",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			service := &fakeService{}
			req := post(path, refundBody)
			req.Method = method
			response := newAPI(service).Handle(context.Background(), req)
			if slug, _ := problemOf(t, response); response.Status != http.StatusNotFound || slug != "not-found" || len(service.calls) > 0 {
				t.Errorf("%s %q: %d %s", method, path, response.Status, slug)
			}
		}
	}
}

func TestAWrongMethodIs405WithAllow(t *testing.T) {
	t.Parallel()
	for path, allow := range map[string]string{
		"/refunds": "POST", "/cancels": "POST", "/reversals": "POST", "/fund-payments": "POST", "/refunds/" + refundID: "GET", "/payments": "GET", "/payments/1": "GET", "/operations": "GET",
		"/operations/" + refundID + "/check": "POST", "/operations/" + refundID + "/resolution": "POST", "/operations/" + refundID + "/history": "GET", "/balance-callback/x": "GET, POST", "/iyzico-webhook": "POST", "/limits": "GET", "/health": "GET",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "get", ""} {
			if slices.Contains(strings.Split(allow, ", "), method) {
				continue
			}
			service := &fakeService{}
			response := newAPI(service).Handle(context.Background(), ingress.Request{Method: method, Path: path, Header: http.Header{}})
			slug, _ := problemOf(t, response)
			if response.Status != http.StatusMethodNotAllowed || slug != "method-not-allowed" || response.Header.Get("Allow") != allow || len(service.calls) > 0 {
				t.Errorf("%s %s: %d %s, Allow %q", method, path, response.Status, slug, response.Header.Get("Allow"))
			}
		}
	}
}
