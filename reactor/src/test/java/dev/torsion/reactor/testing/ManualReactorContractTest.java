package dev.torsion.reactor.testing;

final class ManualReactorContractTest extends ReactorContract {
    @Override
    protected World world() {
        return new InMemory();
    }
}
