package safety

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// word is what a caller was told of a key in the end.
type word int

const (
	nothingDefinite word = iota
	done
	notDone
)

// told is a key's last word to one caller, with the id that the service gave it.
type told struct {
	id   string
	word word
}

// story is all that happened to one refund.
type story struct {
	refund
	keys []keyStory
}

// keyStory is what the callers of one key were told, and how long the slowest waited for a definite word.
type keyStory struct {
	key     string
	told    []told
	settled time.Duration
}

// caller asks one service, the way its answers tell: again with the same key while there is no definite word, with a new
// key after a definite "not done".
type caller struct {
	service *service
	client  *http.Client
	load    Load
	// giveUp is how long a key is asked for.
	giveUp time.Duration
}

// maxKeys is how many keys a refund is asked for with: a caller who is told "not done" tries once more.
const maxKeys = 2

// want asks for refunds until each is done, or definitely not with every key, or its callers gave up. New keys are asked
// with when every refund has its word, so that the fault of one is not met by the second key of another.
func (c *caller) want(ctx context.Context, stories []story) error {
	for n := range maxKeys {
		errs := make([]error, len(stories))
		var all sync.WaitGroup
		for i := range stories {
			s := &stories[i]
			if n > 0 && !s.wantsAnotherKey() {
				continue
			}
			key := fmt.Sprintf("%s-key-%d", s.name, n+1)
			all.Go(func() {
				var k keyStory
				k, errs[i] = c.ask(ctx, s.refund, key)
				s.keys = append(s.keys, k)
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	return nil
}

// wantsAnotherKey tells whether everybody was told that the last key definitely moved nothing.
func (s *story) wantsAnotherKey() bool {
	last := s.keys[len(s.keys)-1]
	return !slices.ContainsFunc(last.told, func(t told) bool { return t.word != notDone })
}

// ask is all duplicates of one key at once, each of which goes on until it has a definite word.
func (c *caller) ask(ctx context.Context, r refund, key string) (keyStory, error) {
	k := keyStory{key: key, told: make([]told, c.load.Duplicates)}
	errs := make([]error, c.load.Duplicates)
	began := time.Now()
	var all sync.WaitGroup
	for i := range c.load.Duplicates {
		all.Go(func() { k.told[i], errs[i] = c.insist(ctx, r, key) })
	}
	all.Wait()
	k.settled = time.Since(began)
	return k, errors.Join(errs...)
}

const (
	// askAgain is between two questions, unless the service asks for less; more than a second of Retry-After is not waited
	// for, because impatient callers are what is tested.
	askAgain    = 300 * time.Millisecond
	mostPatient = time.Second
)

func (c *caller) insist(ctx context.Context, r refund, key string) (told, error) {
	for end := time.Now().Add(c.giveUp); ; {
		t, pause, err := c.once(ctx, r, key)
		if err != nil || t.word != nothingDefinite || time.Now().After(end) {
			return t, err
		}
		select {
		case <-ctx.Done():
			return t, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// once asks once. A service that cannot be reached says nothing definite; an answer that no caller should get is an error.
func (c *caller) once(ctx context.Context, r refund, key string) (told, time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.service.address()+"/refunds", strings.NewReader(r.body()))
	if err != nil {
		return told{}, 0, err
	}
	req.GetBody = nil // nothing is asked more often than this code asks
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	answer, err := c.client.Do(req)
	if err != nil {
		return told{}, askAgain, nil //nolint:nilerr // a killed service is part of the test
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return told{}, askAgain, nil //nolint:nilerr // as above
	}
	var body struct {
		ID        string `json:"id"`
		Status    any    `json:"status"`
		Operation struct {
			ID string `json:"id"`
		} `json:"operation"`
	}
	if err := json.Unmarshal(data, &body); err != nil {
		return told{}, 0, fmt.Errorf("%s answered %d %s: %w", c.service.side.Name, answer.StatusCode, data, err)
	}
	t := told{id: body.ID}
	if t.id == "" {
		t.id = body.Operation.ID
	}
	switch code := answer.StatusCode; {
	case (code == http.StatusOK || code == http.StatusCreated) && body.Status == "succeeded":
		t.word = done
	case code == http.StatusUnprocessableEntity:
		t.word = notDone
	case code == http.StatusAccepted, code == http.StatusConflict, code == http.StatusTooManyRequests, code >= http.StatusInternalServerError:
	default:
		return t, 0, fmt.Errorf("%s answered %d %s", c.service.side.Name, code, data)
	}
	pause := askAgain
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
		pause = min(time.Duration(seconds)*time.Second, mostPatient)
	}
	return t, pause, nil
}
