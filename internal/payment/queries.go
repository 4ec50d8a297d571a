package payment

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// farFuture is later than every due time: it lists all that is unfinished.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// OperationFilter chooses operations by status; empty means every unfinished one.
type OperationFilter struct {
	Statuses []Status
}

func (f OperationFilter) accepts(s Status) bool {
	if len(f.Statuses) == 0 {
		return s.Unfinished()
	}
	return slices.Contains(f.Statuses, s)
}

// Operation shows one operation by one strongly consistent read. CodeNotFound: there is none, or it cannot be an id.
func (s *Service) Operation(ctx context.Context, operationID string) (Resource, error) {
	_, _, resource, err := s.find(ctx, operationID)
	if err != nil {
		return Resource{}, err
	}
	if len(resource.Lines) > 0 {
		return s.withLinesOfToday(ctx, resource)
	}
	return resource, nil
}

// Operations lists unfinished operations of all payments, those that are due first. The list may be a moment old; a page
// may be empty and still have a next cursor. CodeInvalidRequest: a cursor that this store did not give.
func (s *Service) Operations(ctx context.Context, f OperationFilter, cursor string, limit int) ([]Resource, string, error) {
	ids, next, err := s.store.Open(ctx, farFuture, cursor, limit)
	if CodeOf(err) == CodeInvalidRequest {
		return nil, "", err
	}
	if err != nil {
		return nil, "", unavailable("list open accounts", err)
	}
	found := []Resource{}
	for _, id := range ids {
		account, err := s.load(ctx, id)
		if err != nil {
			return nil, "", err
		}
		for i := range account.Operations {
			if op := &account.Operations[i]; f.accepts(op.Status()) {
				found = append(found, op.Resource(account.PaymentID))
			}
		}
	}
	return found, next, nil
}

// find loads the account of an operation and shows the operation; op is nil if it left the account.
func (s *Service) find(ctx context.Context, operationID string) (a Account, op *Operation, shown Resource, err error) {
	id, ok := AccountOf(operationID)
	if !ok {
		return Account{}, nil, Resource{}, fail(CodeNotFound, "there is no operation "+operationID)
	}
	if a, err = s.load(ctx, id); err != nil {
		return Account{}, nil, Resource{}, err
	}
	if op = a.Operation(operationID); op != nil {
		return a, op, op.Resource(a.PaymentID), nil
	}
	if past := a.pastByID(operationID); past != nil && past.id(a.PaymentID) == operationID {
		return a, nil, past.Resource(a.PaymentID), nil
	}
	return Account{}, nil, Resource{}, fail(CodeNotFound, "there is no operation "+operationID)
}

func (s *Service) load(ctx context.Context, id AccountID) (Account, error) {
	account, err := s.store.Load(ctx, id)
	if err != nil {
		return Account{}, unavailable("load account "+string(id), err)
	}
	return account, nil
}

func unavailable(doing string, err error) error {
	return &Error{
		Code: CodeUnavailable, Message: "the store cannot be reached: ask again", RetryAfter: time.Second,
		Cause: fmt.Errorf("%s: %w", doing, err),
	}
}
