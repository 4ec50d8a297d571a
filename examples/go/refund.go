package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// record is what the shop keeps of a refund, in refunds/ORDER.json.
type record struct {
	Attempt int    // makes the key
	Body    string // the very body that is sent
}

var (
	askAgain = []string{"in-progress", "rate-limited", "unavailable", "internal", "processing", "unknown"}
	look     = []string{"partially_succeeded", "needs_review", "idempotency-key-reused"}
)

// refund refunds an order, once, however often it is run. Stored before the first call: the attempt number, which makes the key,
// and the body. Every later call, in this run or the next, sends that key and that body again. A new attempt number comes
// only after a definite no.
// Exit code: 0 refunded, 1 a definite no (no money moved), 2 not known yet: run it again, 3 a person has to look.
func refund(order, payment, amount string) (int, error) {
	path := filepath.Join(cmp.Or(os.Getenv("STATE"), "refunds"), order+".json")
	body, err := json.Marshal(map[string]string{"paymentId": payment, "amount": amount, "reference": order})
	kept := record{1, string(body)}
	if content, readErr := os.ReadFile(path); readErr == nil {
		err = json.Unmarshal(content, &kept)
	} else if !errors.Is(readErr, fs.ErrNotExist) {
		err = readErr
	}
	if err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o700), keep(path, kept)); err != nil {
		return 2, err // what is not stored is not sent
	}
	answer := answer{Status: "unknown"}
	for n := 0; n < 60 && slices.Contains(askAgain, answer.Status); n++ {
		time.Sleep(answer.wait)
		answer = post("/refunds", fmt.Sprintf("order-%s-%d", order, kept.Attempt), kept.Body)
	}
	fmt.Println(order, answer.Status, answer.CustomerReference, answer.Detail)
	switch {
	case answer.Status == "succeeded":
		return 0, nil
	case answer.Status == "rejected-by-iyzico", answer.Status == "not-executed":
		return 1, keep(path, record{kept.Attempt + 1, kept.Body})
	case slices.Contains(askAgain, answer.Status):
		return 2, nil
	case slices.Contains(look, answer.Status):
		return 3, nil
	}
	return 1, nil
}
