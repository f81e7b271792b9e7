import { checkReviewOf, review } from './review.ts';

/** A security engineer's judgement. */
export const securityReview = review;

export const checkSecurityReview = checkReviewOf('Security');
