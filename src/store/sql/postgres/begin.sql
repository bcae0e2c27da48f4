-- At this level each statement sees what was committed before it began: what is looked up after the head's lock was taken is complete.
BEGIN ISOLATION LEVEL READ COMMITTED
