import { checkReviewOf, review } from './review.ts';

/** A specialist's judgement of what another one made: the review of everything that it builds on. */
export const codeReview = review;

export const checkCodeReview = checkReviewOf('Review');
