package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/payment"
)

// Load implements payment.Store with one strongly consistent read. An account that the table's TTL is about to delete is
// still given.
func (s *Store) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(s.table),
		Key:            map[string]types.AttributeValue{keyAttr: text(string(id))},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return payment.Account{}, fmt.Errorf("load account %s: %w", id, err)
	}
	a, ok, err := DecodeItem(Item(out.Item))
	if err != nil {
		return payment.Account{}, fmt.Errorf("load account %s: %w", id, err)
	}
	if !ok {
		return payment.Account{ID: id}, nil
	}
	return a, nil
}

// Save implements payment.Store with one conditional write of the whole item.
//
// The SDK repeats a write whose answer was lost, and the repetition then fails on what the first one stored. So every
// call leaves a token of its own in the item: a refused write that finds its token there is our success. If somebody
// else saved on top in between, the answer is ErrConflict although our image was stored for a moment; the caller loads
// and finds its own mark there, which nobody sends any more (I2).
func (s *Store) Save(ctx context.Context, next payment.Account) error {
	if next.ID == "" || next.Version < 1 {
		return errors.New("save account: it needs an id and a version from 1")
	}
	item, err := newItem(next, rand.Text())
	if err != nil {
		return fmt.Errorf("save account %s, version %d: %w", next.ID, next.Version, err)
	}
	if err := s.put(ctx, item, next.Version); err != nil {
		return fmt.Errorf("save account %s, version %d: %w", next.ID, next.Version, err)
	}
	return nil
}

// put writes a whole item if the stored version is the one before, and knows its own write by the item's token: ErrConflict if it
// is another's.
func (s *Store) put(ctx context.Context, item map[string]types.AttributeValue, version int64) error {
	input := &dynamodb.PutItemInput{
		TableName:                           aws.String(s.table),
		Item:                                item,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if version == 1 {
		input.ConditionExpression = aws.String("attribute_not_exists(#key)")
		input.ExpressionAttributeNames = map[string]string{"#key": keyAttr}
	} else {
		input.ConditionExpression = aws.String("#version = :previous")
		input.ExpressionAttributeNames = map[string]string{"#version": versionAttr}
		input.ExpressionAttributeValues = map[string]types.AttributeValue{":previous": number(version - 1)}
	}
	_, err := s.client.PutItem(ctx, input)
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		if textOf(refused.Item[writerAttr]) == textOf(item[writerAttr]) {
			return nil
		}
		return payment.ErrConflict
	}
	return err
}
