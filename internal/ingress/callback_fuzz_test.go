package ingress_test

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/payment"
)

// FuzzReturnedToken: whatever a browser brings in query and body, the service is asked at most once, with the hash of one
// token that was there, and the answer repeats nothing of it. What is not asked gets the one page.
func FuzzReturnedToken(f *testing.F) {
	const form, object = "application/x-www-form-urlencoded", "application/json"
	for _, seed := range []struct{ method, query, media, body string }{
		{http.MethodGet, "token=t-1&status=success", "", ""}, {http.MethodPost, "", form, "token=t-1"}, {http.MethodPost, "", object, `{"token":"t-1"}`},
		{http.MethodPost, "token=t-1", form, "token=t-2"}, {http.MethodPost, "token=t-1", object, "{}"}, {http.MethodPost, "", object, `{"token":["t-1"]}`},
		{http.MethodPost, "", form + "; charset=utf-8", "a=%zz&token=t%2D1"}, {http.MethodPost, "", "text/plain", "token=t-1"}, {http.MethodGet, "token=" + strings.Repeat("t", 600), "", ""},
		{http.MethodPost, "token=a&token=a", form, ""}, {http.MethodPut, "token=t-1", "", ""},
	} {
		f.Add(seed.method, seed.query, seed.media, []byte(seed.body))
	}
	stranger := balanceAPI(&fakeService{}).Handle(context.Background(), returns("forged", "t"))
	f.Fuzz(func(t *testing.T, method, query, media string, body []byte) {
		if !slices.Contains([]string{http.MethodGet, http.MethodPost}, method) {
			return
		}
		service := &fakeService{resource: balanceResource(payment.StatusAwaitingMerchant)}
		req := posts("good", media, string(body))
		req.Method, req.RawQuery = method, query
		response := balanceAPI(service).Handle(context.Background(), req)
		if len(service.calls) == 0 {
			if response.Status != stranger.Status || !bytes.Equal(response.Body, stranger.Body) {
				t.Fatalf("%d %.200s is another page than everybody's", response.Status, response.Body)
			}
			return
		}
		if len(service.calls) != 1 || response.Status != http.StatusOK || service.id != refundID {
			t.Fatalf("%d, calls %v for %s", response.Status, service.calls, service.id)
		}
		// The token must be found where a plain reading of query or body finds one.
		values, _ := url.ParseQuery(query)
		inForm, _ := url.ParseQuery(string(body))
		found := append(slices.Concat(values["token"], inForm["token"]), jsonTexts(body)...)
		if !slices.ContainsFunc(found, func(token string) bool { return payment.HashToken(token) == service.tokenHash }) {
			t.Fatalf("a token was made of %q and %q", query, body)
		}
	})
}

// jsonTexts are the quoted texts of a body, escapes read.
func jsonTexts(body []byte) []string {
	var object map[string]any
	if unmarshal(body, &object) != nil {
		return nil
	}
	var texts []string
	for _, value := range object {
		if text, ok := value.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// FuzzReturnURL: a return address passes only if a browser would go to one of the merchant's origins, and what is appended
// leaves it there.
func FuzzReturnURL(f *testing.F) {
	for _, address := range []string{
		"https://shop.example", "https://shop.example/back?x=1#top", "https://shop.example.evil.example/", "https://shop.example@evil.example/", "https://shop.example:8443/",
		`https://shop.example\@evil.example`, "https://shop.example?a", "//shop.example", "HTTPS://SHOP.EXAMPLE/", "http://127.0.0.1:3000/x", "https://shop.example/\n", "javascript:alert(1)//https://shop.example",
	} {
		f.Add(address)
	}
	origins := []string{"https://shop.example", "http://127.0.0.1:3000"}
	f.Fuzz(func(t *testing.T, address string) {
		service := &fakeService{resource: balanceResource(payment.StatusAwaitingMerchant)}
		service.resource.ReturnURL = address
		response := balanceAPI(service).Handle(context.Background(), returns("good", "t-1"))
		location := response.Header.Get("Location")
		if response.Status == http.StatusOK && location == "" {
			return
		}
		if response.Status != http.StatusSeeOther || !strings.HasPrefix(location, strings.SplitN(address, "#", 2)[0]) {
			t.Fatalf("%d to %q", response.Status, location)
		}
		target, err := url.Parse(location)
		if err != nil || target.User != nil || !slices.Contains(origins, target.Scheme+"://"+target.Host) || strings.ContainsAny(location, "\\\r\n\t ") && !strings.Contains(target.RawQuery+target.Path+target.Fragment, `\`) {
			t.Fatalf("%q leads to %q (%v)", address, location, err)
		}
		if query := target.Query(); !slices.Contains(query["refundId"], refundID) || !slices.Contains(query["status"], string(payment.StatusAwaitingMerchant)) {
			if !strings.Contains(target.RawQuery, ";") { // Go reads no member beside a semicolon; browsers do
				t.Fatalf("%q lacks the result", location)
			}
		}
	})
}
