"""TensorFlow's training kernels as an optimizer over variables."""

from collections.abc import Sequence

import tensorflow as tf

from embbench.cases.case import Case
from embbench.cases.workload import HYPERPARAMETERS, STATES


class KernelOptimizer:
    """TensorFlow's training kernels over variables. The case's update decides how IndexedSlices are applied."""

    def __init__(self, case: Case, variables: list[tf.Variable]) -> None:
        self.name, self.update, self.told = case.optimizer, case.update, HYPERPARAMETERS[case.optimizer]
        self.variables = variables
        self.states = [[tf.Variable(tf.zeros_like(each)) for _ in range(STATES[self.name])] for each in variables]
        self.steps = tf.Variable(0.0, dtype=tf.float64)  # powers of 0.999 lose three digits in float32

    def apply(self, gradients: Sequence[tf.Tensor | tf.IndexedSlices], first: int = 0) -> None:
        """Updates the variables from place `first` on, one per gradient. The first variable counts the step."""
        if not first:
            self.steps.assign_add(1.0)
        powers = (tf.constant(share, tf.float64) ** self.steps for share in (self.told.beta1, self.told.beta2))
        self.powers = [tf.cast(power, tf.float32) for power in powers]
        for place, gradient in enumerate(gradients, first):
            variable, states = self.variables[place], self.states[place]
            if not isinstance(gradient, tf.IndexedSlices) or self.update == "fused":
                self.apply_dense(variable, states, tf.convert_to_tensor(gradient))
            elif self.name == "sgd":
                variable.scatter_sub(tf.IndexedSlices(self.told.rate * gradient.values, gradient.indices))
            else:  # the kernels need distinct rows
                rows, segments = tf.unique(gradient.indices)
                summed = tf.math.unsorted_segment_sum(gradient.values, segments, tf.size(rows))
                apply = self.apply_lazy if self.update == "sparse" else self.apply_slices
                apply(variable, states, summed, rows)

    def apply_dense(self, variable: tf.Variable, states: list[tf.Variable], gradient: tf.Tensor) -> None:
        told, handles = self.told, [state.handle for state in states]
        if self.name == "sgd":
            tf.raw_ops.ResourceApplyGradientDescent(var=variable.handle, alpha=told.rate, delta=gradient)
        elif self.name == "momentum":
            tf.raw_ops.ResourceApplyMomentum(
                var=variable.handle, accum=handles[0], lr=told.rate, grad=gradient, momentum=told.momentum
            )
        elif self.name == "adagrad":
            tf.raw_ops.ResourceApplyAdagradV2(
                var=variable.handle, accum=handles[0], lr=told.rate, epsilon=told.epsilon, grad=gradient
            )
        else:
            if told.decay:
                variable.assign_sub(told.rate * told.decay * variable)
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=handles[0],
                v=handles[1],
                beta1_power=self.powers[0],
                beta2_power=self.powers[1],
                lr=told.rate,
                beta1=told.beta1,
                beta2=told.beta2,
                epsilon=told.epsilon,
                grad=gradient,
            )

    def apply_slices(
        self, variable: tf.Variable, states: list[tf.Variable], summed: tf.Tensor, rows: tf.Tensor
    ) -> None:
        """As the optimizers of tf.compat.v1.train and the first optimizers of tf.keras do, at the same rates."""
        told = self.told
        if self.name == "momentum":
            tf.raw_ops.ResourceSparseApplyMomentum(
                var=variable.handle,
                accum=states[0].handle,
                lr=told.rate,
                grad=summed,
                indices=rows,
                momentum=told.momentum,
            )
        elif self.name == "adagrad":
            tf.raw_ops.ResourceSparseApplyAdagradV2(
                var=variable.handle,
                accum=states[0].handle,
                lr=told.rate,
                epsilon=told.epsilon,
                grad=summed,
                indices=rows,
            )
        else:  # both moments decay as a whole, the batch's rows are added, and the whole table moves
            first, second = states
            first.assign(told.beta1 * first)
            first.scatter_add(tf.IndexedSlices((1 - told.beta1) * summed, rows))
            second.assign(told.beta2 * second)
            second.scatter_add(tf.IndexedSlices((1 - told.beta2) * summed**2, rows))
            variable.assign_sub(self.rate() * first / (tf.sqrt(second) + told.epsilon))

    def apply_lazy(self, variable: tf.Variable, states: list[tf.Variable], summed: tf.Tensor, rows: tf.Tensor) -> None:
        """Adam, AdamW with `decay`: the batch's rows of table and moments are gathered, moved and scattered back."""
        told = self.told
        moments = []
        for state, share, added in zip(states, (told.beta1, told.beta2), (summed, summed**2), strict=True):
            moments.append(share * tf.gather(state, rows) + (1 - share) * added)
            state.scatter_update(tf.IndexedSlices(moments[-1], rows))
        change = self.rate() * moments[0] / (tf.sqrt(moments[1]) + told.epsilon)
        if told.decay:
            change += told.rate * told.decay * tf.gather(variable, rows)
        variable.scatter_sub(tf.IndexedSlices(change, rows))

    def rate(self) -> tf.Tensor:
        """Adam's rate, including both bias corrections."""
        return self.told.rate * tf.sqrt(1 - self.powers[1]) / (1 - self.powers[0])
