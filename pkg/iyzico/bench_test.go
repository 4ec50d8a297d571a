package iyzico

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
)

// The baselines below are what a program without this package would write by hand: no validation, no verdict, no guard.

type baselineRefund struct {
	Locale               string `json:"locale"`
	ConversationID       string `json:"conversationId"`
	PaymentTransactionID string `json:"paymentTransactionId"`
	Price                string `json:"price"`
	IP                   string `json:"ip,omitempty"`
	Currency             string `json:"currency,omitempty"`
}

func baselineRequest(req RefundRequest) (*http.Request, error) {
	const path = "/payment/refund"
	body, err := json.Marshal(baselineRefund{"tr", req.ConversationID, req.PaymentTransactionID, FormatPrice(req.Price), req.IP, req.Currency})
	if err != nil {
		return nil, err
	}
	randomKey := rand.Text()
	mac := hmac.New(sha256.New, []byte(testSecretKey.Reveal()))
	mac.Write([]byte(randomKey + path + string(body)))
	signature := hex.EncodeToString(mac.Sum(nil))
	out, err := http.NewRequest(http.MethodPost, SandboxURL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	out.Header.Set("Accept", "application/json")
	out.Header.Set("Content-Type", "application/json")
	out.Header.Set("Authorization", "IYZWSv2 "+base64.StdEncoding.EncodeToString([]byte("apiKey:"+testAPIKey+"&randomKey:"+randomKey+"&signature:"+signature)))
	out.Header.Set("X-Iyzi-Rnd", randomKey)
	out.Header.Set("X-Iyzi-Client-Version", clientVersion)
	out.Header.Set("User-Agent", clientVersion)
	return out, nil
}

func baselineRoundTrip(transport http.RoundTripper, req RefundRequest) error {
	out, err := baselineRequest(req)
	if err != nil {
		return err
	}
	resp, err := transport.RoundTrip(out)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponseBytes))
	if err != nil {
		return err
	}
	var answer struct {
		Status, ConversationID, PaymentID, PaymentTransactionID, Currency, Signature string
		Price                                                                        json.Number
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	mac := hmac.New(sha256.New, []byte(testSecretKey.Reveal()))
	mac.Write([]byte(answer.PaymentID + ":" + answer.Price.String() + ":" + answer.Currency + ":" + answer.ConversationID))
	if answer.Status != "success" || answer.Signature != hex.EncodeToString(mac.Sum(nil)) {
		return errors.New("refused")
	}
	return nil
}

func benchmarkClient(t testing.TB, transport http.RoundTripper) *Client {
	t.Helper()
	c, err := New(Config{BaseURL: SandboxURL, APIKey: testAPIKey, SecretKey: testSecretKey}, WithTransport(transport))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// buildAndSign does what Refund does before the request leaves.
func buildAndSign(t testing.TB, c *Client, req RefundRequest) *http.Request {
	r := refundRequest(pathRefund, req)
	if err := r.prepare(); err != nil {
		t.Fatal(err)
	}
	return c.newRequest(t.Context(), r)
}

func BenchmarkBuildAndSignRefund(b *testing.B) {
	req := testRefundRequest()
	req.IP = "85.34.78.112"
	b.Run("client", func(b *testing.B) {
		c := benchmarkClient(b, http.DefaultTransport)
		b.ReportAllocs()
		for b.Loop() {
			buildAndSign(b, c, req)
		}
	})
	b.Run("baseline", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := baselineRequest(req); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRefundRoundTrip(b *testing.B) {
	answer := signedRefund("5")
	transport := roundTripFunc(func(req *http.Request) (*http.Response, error) {
		_, err := io.Copy(io.Discard, req.Body)
		return response(200, answer), err
	})
	b.Run("client", func(b *testing.B) {
		c := benchmarkClient(b, transport)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Refund(b.Context(), testRefundRequest()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := baselineRoundTrip(transport, testRefundRequest()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestBuildingARefundStaysWithinThirtyAllocations(t *testing.T) {
	c := benchmarkClient(t, http.DefaultTransport)
	req := testRefundRequest()
	req.IP = "85.34.78.112"
	if got := testing.AllocsPerRun(200, func() { buildAndSign(t, c, req) }); got > 30 {
		t.Errorf("%v allocations", got)
	}
}
