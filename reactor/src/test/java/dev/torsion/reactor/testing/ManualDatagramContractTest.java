package dev.torsion.reactor.testing;

final class ManualDatagramContractTest extends DatagramContract {
    @Override
    protected ReactorContract.World world() {
        return new InMemory();
    }
}
